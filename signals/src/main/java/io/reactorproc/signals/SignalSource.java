/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.time.Instant;
import java.util.function.Consumer;
import reactor.core.Disposable;

/** The seam to the operating system: how signals reach this process. */
interface SignalSource {
  /**
   * Refuses what can never be listened to here, and changes nothing.
   *
   * @throws UnsupportedSignalException with the reason
   */
  void check(Signal signal);

  /**
   * Takes a signal over. The caller sees to it that a signal is open at most once.
   *
   * @param receiver called for each arrival with its time, by any thread and by several at once;
   *     never blocks, and may still be called a last time while the result is being disposed of
   * @return gives the signal back to whoever had it before
   * @throws UnsupportedSignalException if it is refused after all
   */
  Disposable open(Signal signal, Consumer<Instant> receiver);
}
