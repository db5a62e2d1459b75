/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.reactorproc.bench.Metric.Better;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a metric of reactor-proc has to reach.
 *
 * @param metric the key of the metric
 * @param basis a ratio to the C reference, or the value itself
 * @param limit the least or the most, by what is better
 */
record Target(String metric, Basis basis, double limit) {
  /** What the limit is about. */
  enum Basis {
    /** The value divided by C's. */
    RATIO_TO_C,
    /** The value. */
    VALUE
  }

  static Target ofC(String metric, double ratio) {
    return new Target(metric, Basis.RATIO_TO_C, ratio);
  }

  static Target value(String metric, double limit) {
    return new Target(metric, Basis.VALUE, limit);
  }

  /** Whether this row reaches it; empty where what it needs was not measured. */
  Optional<Boolean> met(Row row) {
    OptionalDouble actual =
        basis == Basis.RATIO_TO_C ? row.ratio(PeerKind.C) : row.median(PeerKind.REACTOR_PROC);
    if (actual.isEmpty()) {
      return Optional.empty();
    }
    double value = actual.getAsDouble();
    return Optional.of(row.metric().better() == Better.HIGHER ? value >= limit : value <= limit);
  }

  /** In words, such as "≥ 95 % of C" and "≤ 45 µs". */
  String describe(Metric of) {
    String sign = of.better() == Better.HIGHER ? "≥ " : "≤ ";
    if (basis == Basis.VALUE) {
      return sign + Figures.value(limit) + " " + of.unit();
    }
    return of.better() == Better.HIGHER
        ? String.format(Locale.ROOT, "%s%.0f %% of C", sign, limit * 100)
        : String.format(Locale.ROOT, "%s%.1f × C", sign, limit);
  }
}
