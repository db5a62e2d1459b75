/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

/**
 * Something that a round measures.
 *
 * @param key its name in a peer's answer
 * @param unit what one of it is
 * @param better which values are the good ones
 */
record Metric(String key, String unit, Better better) {
  /** Which way is up. */
  enum Better {
    /** Speeds: compared as percents. */
    HIGHER,
    /** Costs: compared as multiples. */
    LOWER
  }

  static Metric speed(String key, String unit) {
    return new Metric(key, unit, Better.HIGHER);
  }

  static Metric cost(String key, String unit) {
    return new Metric(key, unit, Better.LOWER);
  }
}
