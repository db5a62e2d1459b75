/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.cgroup.Freezer;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Pauses by freezing the cgroup of a run: all that its children have started, too, wherever it
 * went, and without a stop that a parent or a terminal could see. One member of several is stopped
 * by signal, as the cgroup is that of all. On the loop.
 */
final class CgroupPausing implements Pausing {
  private final Freezer freezer;

  /** Whether it is frozen, or about to be. */
  private boolean frozen;

  CgroupPausing(Freezer freezer) {
    this.freezer = freezer;
  }

  @Override
  public void pause(Run run, List<Member> members, MonoSink<Boolean> outcome) {
    if (members.size() < run.parts().size()) {
      BY_SIGNAL.pause(run, members, outcome);
    } else if (run.allReaped()) {
      outcome.success(false);
    } else {
      frozen = true;
      carryOut(freezer.freeze(), run, true, outcome);
    }
  }

  @Override
  public void resume(Run run, List<Member> members, MonoSink<Boolean> outcome) {
    if (!frozen || members.size() < run.parts().size()) {
      BY_SIGNAL.resume(run, members, outcome); // somebody else may have stopped them
    } else {
      frozen = false;
      carryOut(freezer.thaw(), run, false, outcome);
    }
  }

  private void carryOut(Mono<Void> change, Run run, boolean pausing, MonoSink<Boolean> outcome) {
    change.subscribe(
        never -> {}, outcome::error, () -> outcome.success(frozen == pausing && !run.allReaped()));
  }

  /** Whether the whole run is paused. */
  boolean isFrozen() {
    return frozen;
  }

  /** What is frozen hears no signal but SIGKILL: it goes on, to hear that it is to end. */
  void thaw() {
    if (frozen) {
      frozen = false;
      freezer.thaw().subscribe(never -> {}, error -> {});
    }
  }
}
