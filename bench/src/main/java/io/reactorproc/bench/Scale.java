/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.time.Duration;

/**
 * How long things take.
 *
 * @param rounds rounds of each peer, unless the user says otherwise
 * @param round for how long a round starts children
 * @param warmUp how much of its own processor time a peer warms up, or a quarter more by the clock
 * @param shrink by how much amounts are smaller than in the full run
 */
record Scale(int rounds, Duration round, Duration warmUp, int shrink) {
  /** For results that are kept. */
  static final Scale FULL = new Scale(5, Duration.ofMillis(700), Duration.ofSeconds(8), 1);

  /** All of it in two minutes. */
  static final Scale QUICK = new Scale(3, Duration.ofMillis(100), Duration.ofMillis(1_500), 8);

  boolean isQuick() {
    return shrink > 1;
  }

  /** An amount of the full run in this one. */
  long amount(long full) {
    return full / shrink;
  }
}
