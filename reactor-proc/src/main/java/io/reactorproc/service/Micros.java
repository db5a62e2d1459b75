/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** Times in microseconds, as the protocols write them: unsigned, in decimal. */
final class Micros {
  private Micros() {}

  /**
   * A time.
   *
   * @throws NumberFormatException if it is none of 64 bits
   */
  static Duration parse(String text) {
    if (text.startsWith("+")) {
      throw new NumberFormatException("a sign: " + text);
    }
    long micros = Long.parseUnsignedLong(text);
    // The highest ones mean "never", and are long enough halved.
    return Duration.of(micros < 0 ? Long.MAX_VALUE : micros, ChronoUnit.MICROS);
  }

  static String format(Duration time) {
    return Long.toString(of(time));
  }

  static long of(Duration time) {
    try {
      return Math.addExact(
          Math.multiplyExact(time.toSeconds(), 1_000_000L), time.toNanosPart() / 1_000L);
    } catch (ArithmeticException tooLong) {
      return Long.MAX_VALUE;
    }
  }

  /** In nanoseconds, at most some 146 years, so that sums of two do not overflow. */
  static long nanos(Duration time) {
    return time.compareTo(Duration.ofNanos(Long.MAX_VALUE / 2)) > 0
        ? Long.MAX_VALUE / 2
        : time.toNanos();
  }
}
