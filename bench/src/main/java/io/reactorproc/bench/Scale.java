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
  static final Scale QUICK = new Scale(3, Duration.ofMillis(300), Duration.ofMillis(1_800), 8);

  boolean isQuick() {
    return shrink > 1;
  }

  /**
   * Rounds of a workload where the user wants so many of each. The speed of a virtual machine
   * changes from one second to the next, so what can be short is taken often, given the time.
   */
  int rounds(int each, Workload workload) {
    return isQuick() ? each : each * workload.turns();
  }

  /** The same, for people. */
  String describeRounds(int each) {
    return each
        + " rounds"
        + (isQuick() ? "" : " of crowds, " + 2 * each + " of streams, " + 3 * each + " of spawns");
  }

  /** An amount of the full run in this one. */
  long amount(long full) {
    return full / shrink;
  }
}
