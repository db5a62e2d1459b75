/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

/** The demand side of something that is read. Any thread. */
public interface ReadControl {
  /** Asks for {@code n} more chunks, {@code n > 0}. */
  void request(long n);

  /** Ends the reading without a further call to the receiver. */
  void cancel();
}
