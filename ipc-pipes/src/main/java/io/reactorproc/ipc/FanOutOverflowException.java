/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

/** A target of a {@link FanOut} fell behind by more than {@link FanOut.WhenFull#FAIL} allows. */
public final class FanOutOverflowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int capacity;

  FanOutOverflowException(int capacity) {
    super(
        "a target of the fan-out fell behind by more than "
            + capacity
            + " bytes; FanOut.buffered(more, ...) allows for more, and other policies wait or drop");
    this.capacity = capacity;
  }

  /** How many bytes might have waited for the target. */
  public int capacity() {
    return capacity;
  }
}
