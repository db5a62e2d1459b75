/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.util.concurrent.Queues;

/**
 * The bounded queue of one subscription. Signals cannot be asked to wait, so what does not fit is
 * dropped and counted, and the next event that does fit carries the count: the gap shows where it
 * is.
 */
final class SignalInbox {
  /** Events that a subscriber may be behind before it loses some. */
  static final int CAPACITY = 256;

  /**
   * Unserialised, because the monitor of {@link #put} serialises. The queue has no lock, as it is
   * polled on threads that must not block.
   */
  private final Sinks.Many<SignalEvent> sink =
      Sinks.unsafe().many().unicast().onBackpressureBuffer(Queues.<SignalEvent>get(CAPACITY).get());

  /** Dropped since the last event that fitted. Guarded by this monitor. */
  private long missed;

  synchronized void put(Signal signal, Instant time, @Nullable SignalOrigin origin) {
    switch (sink.tryEmitNext(new SignalEvent(signal, time, origin, missed))) {
      case OK -> missed = 0;
      // A full queue is reported as the second of these while the subscriber is still on its way.
      case FAIL_OVERFLOW, FAIL_ZERO_SUBSCRIBER -> missed++;
      // The subscriber went while this delivery was under way: nobody is left to tell.
      case FAIL_CANCELLED, FAIL_TERMINATED -> {}
      case FAIL_NON_SERIALIZED -> throw new AssertionError("the monitor serialises");
    }
  }

  /** The events by demand, to one subscriber; it never ends by itself. */
  Flux<SignalEvent> events() {
    return sink.asFlux();
  }
}
