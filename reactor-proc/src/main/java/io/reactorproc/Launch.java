/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The start of a run's children: prepare all, spawn one after the other, hand over to the loop.
 * Runs on a spawner thread and may block. All or nothing: whatever can be found out before the
 * first spawn is, and a failure at any step, of any child, leaves nothing behind and reaches the
 * run as one {@link ProcessStartException}.
 *
 * <p>Nobody is reaped before the last one is spawned, as the watches begin only then: the first is
 * there, if only as a zombie, for the others to join its process group.
 */
final class Launch implements Spawner.Task {
  private static final int MOST_ATTEMPTS = 8;
  private static final long FIRST_PAUSE_MICROS = 4_000;
  private static final String LOOP_IS_GONE = "its event loop is shut down";

  private final Run run;
  private final Kernel kernel;
  private final IoEventLoop loop;

  /** Prepared and not yet spawned. */
  private final ArrayDeque<ChildStart> prepared = new ArrayDeque<>(2);

  private final List<Child> children;

  /** Of which child a failure is. */
  private @Nullable ChildStart current;

  private int attempts;

  /** How many of the children that were started in vain are not yet reaped. On the loop. */
  private int ending;

  Launch(Run run) {
    this.run = run;
    this.kernel = run.runtime().kernel();
    this.loop = run.loop();
    this.children = new ArrayList<>(run.parts().size());
  }

  @Override
  public void run(SpawnArena arena) {
    if (run.isCancelled()) {
      fail(refused("it was cancelled", null));
      return;
    }
    try {
      if (prepared.isEmpty()) {
        prepare();
      }
      while (!prepared.isEmpty()) {
        ChildStart next = prepared.element();
        current = next;
        children.add(spawn(next, arena));
        prepared.remove().close();
      }
      handOver();
    } catch (SystemCallException e) {
      ChildStart failed = Objects.requireNonNull(current);
      if (failed.mayPass(e) && ++attempts < MOST_ATTEMPTS) {
        if (children.isEmpty()) {
          closePrepared();
        }
        Later.run(loop, pauseMicros(), () -> Spawner.shared().submit(this));
      } else {
        fail(failed.explain(e));
      }
    } catch (UncheckedIOException e) {
      fail(refused("the system refuses: " + e.getMessage(), e));
    } catch (ProcessStartException | RuntimeException | Error e) {
      fail(e);
    }
  }

  private void prepare() throws SystemCallException, ProcessStartException {
    if (loop.isShuttingDown()) {
      throw refused(LOOP_IS_GONE, null);
    }
    Descriptor joint = null; // owned by the start that it is given to
    for (Part part : run.parts()) {
      ChildStart start = new ChildStart(part, joint);
      prepared.add(start);
      current = start;
      start.prepare();
      joint = start.takeToNext();
    }
  }

  private Child spawn(ChildStart start, SpawnArena arena)
      throws SystemCallException, ProcessStartException {
    int leader = children.isEmpty() ? 0 : children.get(0).pid();
    if (run.settings().life == Settings.Life.DETACHED) {
      return start.spawn(arena, leader);
    }
    if (!JvmExit.enterStart()) {
      throw refused("the JVM is ending; detached() children may still be started", null);
    }
    try {
      return start.spawn(arena, leader);
    } finally {
      JvmExit.leaveStart();
    }
  }

  /** From here on the children are their loop's. */
  private void handOver() throws ProcessStartException {
    try {
      loop.execute(this::attach);
    } catch (RejectedExecutionException e) {
      throw refused(LOOP_IS_GONE, e);
    }
  }

  /** All descriptors of all children, in one task on the loop. */
  private void attach() {
    for (Child child : children) {
      try {
        child.attach();
      } catch (SystemCallException e) {
        end(StartStep.WATCH.explain(child.part(), kernel, e));
        return;
      }
    }
    run.launched();
    children.forEach(Child::feed);
  }

  private void fail(Throwable error) {
    closePrepared();
    try {
      loop.execute(() -> end(error));
    } catch (RejectedExecutionException e) {
      for (Child child : children) {
        child.discard();
        ChildStart.endUnwatched(kernel, child.pid());
      }
      run.notStarted(error); // the loop is gone, so that no other thread is in this run
    }
  }

  private void closePrepared() {
    prepared.forEach(ChildStart::close);
    prepared.clear();
  }

  /** Ends the children that were started already; then the failure is told. On the loop. */
  private void end(Throwable error) {
    ending = children.size();
    if (ending == 0) {
      run.notStarted(error);
    }
    for (Child child : children) {
      child.endUnattached(
          () -> {
            if (--ending == 0) {
              run.notStarted(error);
            }
          });
    }
  }

  private ProcessStartException refused(String why, @Nullable Exception cause) {
    return new ProcessStartException(
        ProcessStartException.Reason.SYSTEM, run.job().toString(), why, cause);
  }

  private long pauseMicros() {
    long most = FIRST_PAUSE_MICROS << attempts;
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
  }
}
