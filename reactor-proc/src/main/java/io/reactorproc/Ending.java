/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the members of one run. What is asked for before they are there is done when they are. On
 * their loop, except for {@link #signalSoon}.
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  private final Run run;
  private final EndingOrder order;
  private boolean launched;
  private @Nullable Termination asked;
  private final List<Integer> askedSignals = new ArrayList<>(0);
  private @Nullable Ladder ladder;

  Ending(Run run, EndingOrder order) {
    this.run = run;
    this.order = order;
  }

  /** The members are there. */
  void launched() {
    launched = true;
    Termination termination = asked;
    asked = null;
    if (termination != null) {
      terminate(termination);
    }
    askedSignals.forEach(this::signalSoon);
    askedSignals.clear();
  }

  /** Ends all that are left, in the order of the plan; instead of what is on its way. */
  void terminate(Termination termination) {
    if (!launched) {
      asked = termination;
      return;
    }
    stop();
    Ladder next = new Ladder(members(), order, termination);
    ladder = next;
    next.climb();
  }

  /** Whether they are being ended already. */
  boolean isOnItsWay() {
    Ladder current = ladder;
    return asked != null
        || (current != null && current.isClimbing())
        || (launched && members().size() == 1 && run.parts().get(0).isEnding());
  }

  /** Hangs up on all, and ends them by the settings of the run. */
  void hangUp() {
    for (Member member : members()) {
      member.hangUp();
    }
    terminate(run.settings().termination);
  }

  /** Signals the process group of all, and those that are not in it; false where all are gone. */
  boolean signal(int signal) throws SystemCallException {
    return ProcessGroup.signal(run.runtime().kernel(), members(), signal);
  }

  /** As {@link #signal}, from any thread; an error is logged. */
  void signalSoon(int signal) {
    run.loop()
        .execute(
            () -> {
              if (!launched) {
                askedSignals.add(signal);
                return;
              }
              try {
                signal(signal);
              } catch (SystemCallException e) {
                LOG.warn("signalling {} with {} failed", run.job(), signal, e);
              }
            });
  }

  /** One has ended and is not reaped yet. */
  void memberGoing(Member member) {
    Ladder current = ladder;
    if (current != null) {
      current.childGoing(member);
    }
  }

  /** One is gone. */
  void memberGone() {
    Ladder current = ladder;
    if (current != null) {
      current.childGone();
    }
  }

  /** Takes no further step. */
  void stop() {
    Ladder current = ladder;
    if (current != null) {
      current.stop();
    }
  }

  /** All that it ends. */
  List<Member> members() {
    return run.parts().stream().map(Part::member).toList();
  }
}
