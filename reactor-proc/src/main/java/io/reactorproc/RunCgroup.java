/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.cgroup.CgroupEvents;
import io.reactorproc.cgroup.CgroupException;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.cgroup.Freezer;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Schedulers;

/**
 * The cgroup of one run, from its start to its removal: once the children are reaped where nobody
 * else is in it, else when the run is over, after what they left was killed (detached ones and
 * theirs stay, and so does the directory). Removing is done off the loop, where it may wait for the
 * kernel's lock.
 */
final class RunCgroup {
  private static final Logger LOG = LoggerFactory.getLogger(RunCgroup.class);

  /** Removals under way: the end of the JVM waits for them. */
  private static final AtomicInteger REMOVING = new AtomicInteger();

  private final Cgroup cgroup;
  private final boolean detached;
  private final IoEventLoop loop;
  private final CgroupPausing pausing;

  private RunCgroup(Cgroup cgroup, boolean detached, IoEventLoop loop) {
    this.cgroup = cgroup;
    this.detached = detached;
    this.loop = loop;
    this.pausing = new CgroupPausing(new Freezer(cgroup, loop));
  }

  /** Makes the directory. On a spawner thread. */
  static RunCgroup make(Cgroups cgroups, boolean detached, IoEventLoop loop)
      throws CgroupException {
    Cgroup made = detached ? cgroups.createDetached() : cgroups.create();
    ChildListeners.placing(made);
    return new RunCgroup(made, detached, loop);
  }

  /** Whether directories are being removed. Any thread. */
  static boolean isRemoving() {
    return REMOVING.get() > 0;
  }

  Cgroup cgroup() {
    return cgroup;
  }

  /** How all that is in it is paused. */
  CgroupPausing pausing() {
    return pausing;
  }

  /** All children are reaped; what they left may still write to an output. Any thread. */
  void childrenGone() {
    offLoop(
        () -> {
          if (!cgroup.isPopulated()) {
            cgroup.remove();
          }
        });
  }

  /** Nobody waits for anything of it any more. Any thread; repeating is harmless. */
  void over() {
    offLoop(
        () -> {
          if (!cgroup.remove() && !detached) {
            cgroup.kill();
            removeWhenEmpty();
          }
        });
  }

  /** What was killed takes its time to be gone: the kernel tells. */
  private void removeWhenEmpty() throws SystemCallException {
    CgroupEvents events;
    try {
      events = CgroupEvents.open(cgroup, loop);
    } catch (SystemCallException e) {
      if (e.is(Errno.ENOENT)) {
        return; // somebody else removed it
      }
      throw e;
    }
    REMOVING.incrementAndGet();
    try {
      loop.execute(() -> watch(events));
    } catch (RejectedExecutionException e) {
      events.stop(); // the loop is gone, and nobody else touches it
      REMOVING.decrementAndGet();
    }
  }

  private void watch(CgroupEvents events) {
    try {
      events.start(
          state -> {
            if (!state.populated()) {
              events.stop();
              offLoop(cgroup::remove);
              REMOVING.decrementAndGet();
            }
          });
    } catch (SystemCallException e) {
      REMOVING.decrementAndGet();
      LOG.warn("the cgroup {} stays", cgroup, e);
    }
  }

  private void offLoop(Removal removal) {
    REMOVING.incrementAndGet();
    try {
      Schedulers.boundedElastic().schedule(() -> carryOut(removal));
    } catch (RejectedExecutionException e) {
      REMOVING.decrementAndGet();
      LOG.warn("the cgroup {} stays: Reactor's schedulers were shut down", cgroup);
    }
  }

  private void carryOut(Removal removal) {
    try {
      removal.run();
    } catch (CgroupException | SystemCallException e) {
      LOG.warn("the cgroup {} stays", cgroup, e);
    } finally {
      REMOVING.decrementAndGet();
    }
  }

  @FunctionalInterface
  private interface Removal {
    void run() throws CgroupException, SystemCallException;
  }
}
