/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import org.jspecify.annotations.Nullable;

/**
 * What runs now, of jobs that run one after the other: so that it can be signalled from outside,
 * and nothing follows. Any thread.
 */
final class Current implements NestedJob.Running {
  private @Nullable Run run;
  private int signal;

  /** A run begins; where the end was asked for meanwhile, it ends as soon as it is there. */
  synchronized void begins(Run next) {
    run = next;
    if (signal != 0) {
      next.ending().signalSoon(signal);
    }
  }

  /** Whether nothing more is to be started. */
  synchronized boolean isEnding() {
    return signal != 0;
  }

  @Override
  public synchronized void end(int by) {
    signal = by;
    if (run != null) {
      run.ending().signalSoon(by);
    }
  }
}
