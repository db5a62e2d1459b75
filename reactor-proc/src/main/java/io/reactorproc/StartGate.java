/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets the spawns of a runtime through until it is closed, and knows of those under way: a child
 * that is not in its runtime's list yet must not be overlooked. Any thread.
 */
final class StartGate {
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean closed;

  /**
   * A spawn begins, if this is true; {@link #leave} ends it. Counted before the look at {@link
   * #closed}, as who closes sets that before it looks at the count: one of the two sees the other.
   */
  boolean enter() {
    underWay.incrementAndGet();
    if (closed) {
      underWay.decrementAndGet();
      return false;
    }
    return true;
  }

  /** The child is in its runtime's list, or there is none. */
  void leave() {
    underWay.decrementAndGet();
  }

  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  boolean isBusy() {
    return underWay.get() > 0;
  }
}
