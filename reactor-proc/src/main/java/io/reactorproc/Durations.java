/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.time.Duration;
import java.util.Objects;

/** Checks durations that users give. */
final class Durations {
  private static final Duration MOST = Duration.ofDays(36_500);

  private Durations() {}

  /** The duration itself; not negative, and not so long that its nanoseconds overflow. */
  static Duration checked(Duration duration, String what) {
    Objects.requireNonNull(duration, what);
    if (duration.isNegative() || duration.compareTo(MOST) > 0) {
      throw new InvalidCommandException(what + " must be between 0 and 100 years: " + duration);
    }
    return duration;
  }

  /** As {@link #checked}, and longer than nothing. */
  static Duration positive(Duration duration, String what) {
    if (checked(duration, what).isZero()) {
      throw new InvalidCommandException(what + " must be longer than 0");
    }
    return duration;
  }
}
