/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** The seam to the operating system: how signals reach this process. */
interface SignalSource {
  /** Whom a source tells; any thread, several at once, and it never blocks. */
  interface Receiver {
    /**
     * A signal has arrived.
     *
     * @param time when the process got to know
     * @param origin null where it is not known
     */
    void onArrival(Instant time, @Nullable SignalOrigin origin);
  }

  /** Why a signal cannot be listened to here, or null where it can. Changes nothing. */
  @Nullable String refusal(Signal signal);

  /**
   * Takes a signal over. The caller sees to it that a signal is open at most once.
   *
   * @param receiver may still be called a last time while the result is being disposed of
   * @return gives the signal back to whoever had it before
   * @throws UnsupportedSignalException if it is refused after all
   */
  Disposable open(Signal signal, Receiver receiver);
}
