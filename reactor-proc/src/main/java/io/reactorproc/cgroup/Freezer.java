/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * Freezes all that is in a cgroup, and lets it go on: {@code cgroup.freeze}. Unlike SIGSTOP it
 * reaches every process in the cgroup and below it, cannot be seen by them or undone by SIGCONT,
 * and nobody's parent is told. Signals wait, except for SIGKILL, which ends what is frozen, too.
 *
 * <p>For both methods: <b>start</b> at each subscription, on Reactor's bounded elastic scheduler;
 * <b>end</b> when the kernel says that the state is reached, which a process that is deep in the
 * kernel delays; at once where it is so already, and where the cgroup was removed. <b>Cancel</b>
 * stops waiting and takes nothing back. <b>Thread:</b> signals come on the event loop.
 * <b>Errors:</b> {@link CgroupException}. <b>Repeating</b> is safe.
 */
public final class Freezer {
  private final Cgroup cgroup;
  private final IoEventLoop loop;

  /** The freezer of a cgroup, which waits on this loop. */
  public Freezer(Cgroup cgroup, IoEventLoop loop) {
    this.cgroup = cgroup;
    this.loop = loop;
  }

  /** Completes when everything in the cgroup is frozen. */
  public Mono<Void> freeze() {
    return until(true);
  }

  /** Completes when nothing in the cgroup is frozen by it any more. */
  public Mono<Void> thaw() {
    return until(false);
  }

  private Mono<Void> until(boolean frozen) {
    return Mono.<Void>create(sink -> begin(frozen, sink)).subscribeOn(Schedulers.boundedElastic());
  }

  private void begin(boolean frozen, MonoSink<Void> sink) {
    CgroupEvents events;
    try {
      events = CgroupEvents.open(cgroup, loop);
    } catch (SystemCallException e) {
      sink.success(); // it was removed: nobody is left to be frozen
      return;
    }
    try {
      if (frozen) {
        cgroup.freeze();
      } else {
        cgroup.thaw();
      }
      loop.execute(() -> await(events, frozen, sink));
      sink.onDispose(() -> stop(events));
    } catch (IOException | RejectedExecutionException e) {
      stop(events);
      sink.error(e);
    }
  }

  private void await(CgroupEvents events, boolean frozen, MonoSink<Void> sink) {
    if (!events.isOpen()) {
      return; // cancelled
    }
    try {
      events.start(
          state -> {
            if (state.frozen() == frozen || !state.populated()) {
              events.stop();
              sink.success();
            }
          });
    } catch (SystemCallException e) {
      sink.error(e);
    }
  }

  private void stop(CgroupEvents events) {
    try {
      loop.execute(events::stop);
    } catch (RejectedExecutionException e) {
      events.stop(); // the loop is gone, and nobody else touches it
    }
  }
}
