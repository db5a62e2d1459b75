/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessEvent.Continued;
import io.reactorproc.ProcessEvent.Exited;
import io.reactorproc.ProcessEvent.Stopped;
import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.signals.Signal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What an {@link EventsRun} keeps of the life of one child. On the loop. */
final class PartEvents {
  private final EventsRun<?> run;
  private final Part part;
  private boolean stopped;
  private boolean exitSaid;
  private StopWatch.@Nullable Registration stops;

  PartEvents(EventsRun<?> run, Part part) {
    this.run = run;
    this.part = part;
  }

  void watchStops() {
    stops = StopWatch.shared().watch(part.child(), this::jobChanged);
  }

  void stopWatching() {
    StopWatch.Registration watching = stops;
    if (watching != null) {
      stops = null;
      watching.cancel();
    }
  }

  private void jobChanged(WaitResult change) {
    stopped = change.kind() == WaitResult.Kind.STOPPED;
    run.add(
        part,
        stopped
            ? new Stopped(Instant.now(), Signal.of(change.value()))
            : new Continued(Instant.now()));
  }

  boolean exitIsSaid() {
    return exitSaid;
  }

  /** Adds the exit to what is ready, if it is time for it; false where it is not. */
  boolean sayExit() {
    if (exitSaid || !part.child().isReaped() || !run.hasGivenAllOf(part)) {
      return false;
    }
    exitSaid = true;
    if (stopped && part.status().code().isPresent()) {
      // Nobody exits while stopped: it went on, and was gone before the signal was handled.
      run.add(part, new Continued(Instant.now()));
    }
    run.add(part, new Exited(Instant.now(), part.child().pid(), part.status()));
    return true;
  }
}
