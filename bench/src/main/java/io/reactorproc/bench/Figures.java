/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.reactorproc.bench.Metric.Better;
import java.util.Locale;
import java.util.OptionalDouble;

/** How numbers are written: three significant digits, no exponent, no locale. */
final class Figures {
  /** Stands where nothing was measured. */
  static final String NONE = "–";

  private Figures() {}

  static String value(double value) {
    double size = Math.abs(value);
    int decimals =
        size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** Ours to theirs: percents for a speed, a multiple for a cost. */
  static String ratio(OptionalDouble ratio, Better better) {
    if (ratio.isEmpty()) {
      return NONE;
    }
    return better == Better.HIGHER
        ? String.format(Locale.ROOT, "%,.0f %%", ratio.getAsDouble() * 100)
        : String.format(Locale.ROOT, "%,.2f ×", ratio.getAsDouble());
  }
}
