/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for facts that no event reports, such as a state in /proc, with a deadline. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private Await() {}

  /** Returns as soon as the condition holds; fails after 10 seconds, with the description. */
  public static void until(String description, BooleanSupplier condition) {
    until(description, DEADLINE, condition);
  }

  /** Returns as soon as the condition holds; fails after the deadline, with the description. */
  public static void until(String description, Duration deadline, BooleanSupplier condition) {
    if (!within(deadline, condition)) {
      throw new AssertionError("not within " + deadline.toMillis() + " ms: " + description);
    }
  }

  /** Whether the condition holds before the deadline; returns as soon as it does. */
  public static boolean within(Duration deadline, BooleanSupplier condition) {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    return true;
  }
}
