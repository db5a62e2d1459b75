/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

/** How a signal reaches the subscribers of this JVM; see {@link Signals#mode}. */
public enum SignalMode {
  /**
   * {@code signalfd(2)}, watched by an event loop: where the signal is blocked in every thread, as
   * whoever started the JVM blocked it before. No thread is started for a delivery, and the origin
   * is known.
   */
  SIGNALFD,
  /** The virtual machine's own handler, {@code sun.misc.Signal}: everywhere else. */
  HANDLER
}
