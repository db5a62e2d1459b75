/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.retry.Retry;

/** What a {@link Parallel} says; changed only on a fresh copy by {@link #with}. */
final class Options implements Cloneable {
  private static final int TIMES_AHEAD = 4;

  int concurrency = Runtime.getRuntime().availableProcessors();
  boolean ordered;
  int ahead;
  int prefetch;
  @Nullable Duration timeout;
  @Nullable Retry retry;
  OnFailure onFailure = OnFailure.CONTINUE;
  OptionalLong total = OptionalLong.empty();

  Options with(Consumer<Options> change) {
    Options copy;
    try {
      copy = (Options) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e); // it is Cloneable
    }
    change.accept(copy);
    return copy;
  }

  /** How many items may have started without being delivered. */
  int window() {
    if (!ordered) {
      return concurrency;
    }
    return ahead > 0 ? Math.max(ahead, concurrency) : TIMES_AHEAD * concurrency;
  }

  /** How many arguments may have been asked for without having started. */
  int prefetch() {
    return prefetch > 0 ? prefetch : concurrency;
  }

  static int positive(int number, String what) {
    if (number <= 0) {
      throw new IllegalArgumentException(what + " must be positive: " + number);
    }
    return number;
  }
}
