/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Which spawns are under way, in two epochs that take turns: a spawn is counted in the one of its
 * beginning, so that those of before a certain moment can be waited for while others begin. Any
 * thread.
 */
final class SpawnEpochs {
  private static final AtomicInteger[] UNDER_WAY = {new AtomicInteger(), new AtomicInteger()};

  /** 0 or 1. */
  private static volatile int current;

  private SpawnEpochs() {}

  /**
   * A spawn begins; the answer is for {@link #leave}. Counted first and compared then: had the
   * epoch changed in between, nobody who waits for the old one might have seen the count.
   */
  static int enter() {
    while (true) {
      int epoch = current;
      UNDER_WAY[epoch].incrementAndGet();
      if (epoch == current) {
        return epoch;
      }
      UNDER_WAY[epoch].decrementAndGet();
    }
  }

  /** Its child is known to all listeners, or there is none. */
  static void leave(int epoch) {
    UNDER_WAY[epoch].decrementAndGet();
  }

  /**
   * Begins an epoch, and answers whether some of before are still under way. Where two ask at
   * nearly the same time, the answer may be true for longer than it has to, and never false too
   * early.
   */
  static synchronized BooleanSupplier next() {
    if (UNDER_WAY[current ^ 1].get() > 0) {
      // The epoch before the last is not over: both have to be.
      return () -> UNDER_WAY[0].get() > 0 || UNDER_WAY[1].get() > 0;
    }
    int past = current;
    current = past ^ 1;
    return () -> UNDER_WAY[past].get() > 0;
  }
}
