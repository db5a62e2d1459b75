/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.signals.Signal;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.MonoSink;

/**
 * Pauses by SIGSTOP, which nobody can refuse, and resumes by SIGCONT. A stop takes effect when the
 * child gets to it, and is confirmed by {@code waitid(WSTOPPED)}; a continuation has taken place
 * when the sending of the signal returns.
 */
final class SignalPausing implements Pausing {
  @Override
  public void pause(Run run, List<Member> members, MonoSink<Boolean> outcome) {
    try {
      // What is still to be told from before must not be taken for an answer.
      members.forEach(Member::isStopped);
      boolean sent = send(run, members, Signal.SIGSTOP);
      members.forEach(member -> member.pausedByUs(sent));
      if (sent) {
        new Confirmation(members, outcome).begin(run);
      } else {
        outcome.success(false);
      }
    } catch (SystemCallException e) {
      outcome.error(e);
    }
  }

  @Override
  public void resume(Run run, List<Member> members, MonoSink<Boolean> outcome) {
    Foreground foreground = run.foreground();
    if (foreground == null || members.size() < run.parts().size()) {
      goOn(run, members, outcome);
    } else {
      foreground.giveAgain(() -> goOn(run, members, outcome), outcome::error);
    }
  }

  private static void goOn(Run run, List<Member> members, MonoSink<Boolean> outcome) {
    try {
      members.forEach(member -> member.pausedByUs(false));
      outcome.success(send(run, members, Signal.SIGCONT));
    } catch (SystemCallException e) {
      outcome.error(e);
    }
  }

  /** To the process group, where it is not shared with members that are not meant. */
  private static boolean send(Run run, List<Member> members, Signal signal)
      throws SystemCallException {
    if (members.size() == run.parts().size()) {
      return ProcessGroup.signal(run.runtime().kernel(), members, signal.number());
    }
    boolean sent = false;
    for (Member member : members) {
      sent |= member.signalGroup(signal.number());
    }
    return sent;
  }

  /** Waits until each child has stopped or is gone. */
  private static final class Confirmation {
    private final List<Of> waiting = new ArrayList<>();
    private final List<Of> all = new ArrayList<>();
    private final MonoSink<Boolean> outcome;
    private boolean some;
    private boolean over;

    Confirmation(List<Member> members, MonoSink<Boolean> outcome) {
      this.outcome = outcome;
      for (Member member : members) {
        if (member instanceof Child child && !child.isReaped()) {
          all.add(new Of(child));
        } else {
          some |= !member.isReaped(); // the children of a job of several are its own business
        }
      }
      waiting.addAll(all);
    }

    void begin(Run run) {
      outcome.onDispose(
          () -> {
            if (!over) {
              run.loop().execute(this::stop);
            }
          });
      all.forEach(each -> each.child.jobState().add(each));
      check();
    }

    private void check() {
      if (!over && waiting.isEmpty()) {
        finish(some);
      }
    }

    private void finish(boolean paused) {
      if (!over) {
        stop();
        outcome.success(paused);
      }
    }

    private void stop() {
      over = true;
      all.forEach(each -> each.child.jobState().remove(each));
    }

    private final class Of implements JobState.Listener {
      private final Child child;

      Of(Child child) {
        this.child = child;
      }

      @Override
      public void stopped(Signal signal) {
        some = true;
        waiting.remove(this);
        check();
      }

      @Override
      public void continued() {
        finish(false);
      }

      @Override
      public void told() {
        finish(false);
      }

      @Override
      public void gone() {
        waiting.remove(this);
        check();
      }
    }
  }
}
