/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.signals.Signal;
import org.jspecify.annotations.Nullable;

/**
 * What runs now, of jobs that run one after the other: so that it can be signalled from outside,
 * and nothing follows a signal that ends. Any thread.
 */
final class Current implements NestedJob.Running {
  private @Nullable Run run;
  private int endedBy;
  private boolean stopped;

  /** A run begins; where the end or a stop was asked for meanwhile, it has it when it is there. */
  synchronized void begins(Run next) {
    run = next;
    if (endedBy != 0) {
      next.ending().signalSoon(endedBy);
    } else if (stopped) {
      next.ending().signalSoon(Signal.SIGSTOP.number());
    }
  }

  /** Whether nothing more is to be started. */
  synchronized boolean isEnding() {
    return endedBy != 0;
  }

  @Override
  public synchronized void signal(int number) {
    Signal signal = Signal.of(number);
    if (DefaultAction.ends(signal)) {
      endedBy = number;
    } else if (DefaultAction.stops(signal)) {
      stopped = true;
    } else if (signal == Signal.SIGCONT) {
      stopped = false;
    }
    if (run != null) {
      run.ending().signalSoon(number);
    }
  }
}
