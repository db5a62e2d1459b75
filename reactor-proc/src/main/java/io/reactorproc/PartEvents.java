/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessEvent.Continued;
import io.reactorproc.ProcessEvent.Exited;
import io.reactorproc.ProcessEvent.Stopped;
import io.reactorproc.signals.Signal;
import java.time.Instant;

/** What an {@link EventsRun} keeps of the life of one child. On the loop. */
final class PartEvents implements JobState.Listener {
  private final EventsRun<?> run;
  private final Part part;
  private boolean stopped;
  private boolean exitSaid;

  PartEvents(EventsRun<?> run, Part part) {
    this.run = run;
    this.part = part;
  }

  void watchStops() {
    part.child().jobState().add(this);
  }

  void stopWatching() {
    part.child().jobState().remove(this);
  }

  @Override
  public void stopped(Signal signal) {
    stopped = true;
    run.add(part, new Stopped(Instant.now(), signal));
  }

  @Override
  public void continued() {
    stopped = false;
    run.add(part, new Continued(Instant.now()));
  }

  boolean exitIsSaid() {
    return exitSaid;
  }

  /** Adds the exit to what is ready, if it is time for it; false where it is not. */
  boolean sayExit() {
    if (exitSaid || !part.child().hasEnded() || !run.hasGivenAllOf(part)) {
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
