/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

/**
 * The end of a round.
 *
 * @param nanoTime on the clock of {@link System#nanoTime()}
 */
record Deadline(long nanoTime) {
  static Deadline in(long nanos) {
    return new Deadline(System.nanoTime() + nanos);
  }

  boolean passed() {
    return System.nanoTime() - nanoTime >= 0;
  }
}
