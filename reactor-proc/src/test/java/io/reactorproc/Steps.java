/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.signals.Signal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Commands one after the other, whatever their statuses: {@code a; b}. */
record Steps(List<Command> commands) implements NestedJob {
  static Steps of(Command... commands) {
    return new Steps(List.of(commands));
  }

  @Override
  public Running start(Map<Integer, LentDescriptor> lent, Ended ended) {
    Going going = new Going(lent, ended);
    going.next(0);
    return going;
  }

  @Override
  public String toString() {
    return commands.stream().map(Command::toString).collect(Collectors.joining("; "));
  }

  private final class Going implements Running {
    private final Map<Integer, LentDescriptor> lent;
    private final Ended ended;
    private @Nullable Run current;
    private boolean stopped;

    Going(Map<Integer, LentDescriptor> lent, Ended ended) {
      this.lent = lent;
      this.ended = ended;
    }

    synchronized void next(int index) {
      Plan plan = Plan.of(commands.get(index), Wiring.Mode.EXIT, lent.keySet());
      CollectRun run =
          new CollectRun(plan, lent, parts -> over(index, parts.get(0).status()), ended::failed);
      current = run;
      run.begin();
    }

    private synchronized void over(int index, ExitStatus status) {
      if (stopped || index == commands.size() - 1) {
        ended.ended(status, status.isSuccess());
      } else {
        next(index + 1);
      }
    }

    @Override
    public synchronized void signal(int signal) {
      stopped |= DefaultAction.ends(Signal.of(signal));
      Run running = current;
      if (running != null) {
        running.ending().signalSoon(signal);
      }
    }
  }
}
