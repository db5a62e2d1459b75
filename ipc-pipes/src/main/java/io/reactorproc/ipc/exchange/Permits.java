/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A limit on how many run at once, and on how many wait for that, in order. Any thread; nobody
 * waits by blocking. Whoever raises {@code signals} from 0 hands out, for all others too.
 */
final class Permits {
  private final int maxWaiting;
  private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();

  /** How many are in the queue, or on their way into it. */
  private final AtomicInteger waiting = new AtomicInteger();

  private final AtomicInteger free;
  private final AtomicInteger signals = new AtomicInteger();

  /** Who wants a permit. */
  interface Waiter {
    /** It has one now, and gives it back by {@link Permits#release()} also if it has no use. */
    void granted();
  }

  Permits(int atOnce, int maxWaiting) {
    this.free = new AtomicInteger(atOnce);
    this.maxWaiting = maxWaiting;
  }

  /** How many wait. */
  int waiting() {
    return waiting.get();
  }

  /** How many more could wait: none where the next one may be refused. */
  boolean isFull() {
    return waiting.get() >= maxWaiting && free.get() <= 0;
  }

  /** Gives a permit, now or later; false if too many wait. */
  boolean acquire(Waiter waiter) {
    // One beyond the limit is let in where a permit is free: it will not wait.
    if (waiting.incrementAndGet() > maxWaiting && free.get() <= 0) {
      waiting.decrementAndGet();
      return false;
    }
    queue.add(waiter);
    drain();
    return true;
  }

  /** One that waits does so no more; harmless where it has its permit. */
  void forget(Waiter waiter) {
    if (queue.remove(waiter)) {
      waiting.decrementAndGet();
    }
  }

  void release() {
    free.incrementAndGet();
    drain();
  }

  private void drain() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      while (free.get() > 0) {
        Waiter next = queue.poll();
        if (next == null) {
          break;
        }
        waiting.decrementAndGet();
        free.decrementAndGet(); // only here, by one thread at a time
        next.granted();
      }
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
  }
}
