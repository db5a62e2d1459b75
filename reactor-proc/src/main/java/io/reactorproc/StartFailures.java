/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/** What it means for a {@link Sequence} that a step cannot be started. */
public enum StartFailures {
  /** The {@link ProcessStartException} ends the sequence. The default. */
  ERROR,
  /**
   * The step has failed with a status, as in a shell: 127 where the program is not there, 126 where
   * it cannot be executed, 2 where a file cannot be opened. What is behind it goes on accordingly,
   * and {@link StepResult#failure()} has the exception.
   */
  STATUS
}
