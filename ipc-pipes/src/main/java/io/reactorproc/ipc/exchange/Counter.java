/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What is counted; see {@link ExchangeStats}. */
enum Counter {
  ANSWERED,
  FAILED,
  TIMED_OUT,
  CANCELLED,
  LATE,
  UNKNOWN,
  MALFORMED,
  HANDLED,
  REFUSED,
  CALLED_OFF,
  NOTIFIED,
  NOTIFICATIONS;

  /** One number for each, from any thread. */
  static final class Board {
    private final Map<Counter, LongAdder> numbers = new EnumMap<>(Counter.class);

    Board() {
      for (Counter counter : values()) {
        numbers.put(counter, new LongAdder());
      }
    }

    private LongAdder of(Counter counter) {
      LongAdder number = numbers.get(counter);
      if (number == null) {
        throw new IllegalStateException(counter.name());
      }
      return number;
    }

    void count(Counter counter) {
      of(counter).increment();
    }

    long get(Counter counter) {
      return of(counter).sum();
    }
  }
}
