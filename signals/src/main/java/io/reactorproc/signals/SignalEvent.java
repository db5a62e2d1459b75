/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One arrival of a signal at this JVM.
 *
 * <p>The kernel does not queue standard signals: several that are sent while one is pending arrive
 * as one. An event therefore says "at least once". Real-time signals do queue.
 */
public final class SignalEvent {
  private final Signal signal;
  private final Instant time;
  private final @Nullable SignalOrigin origin;
  private final long missed;

  SignalEvent(Signal signal, Instant time, @Nullable SignalOrigin origin, long missed) {
    this.signal = signal;
    this.time = time;
    this.origin = origin;
    this.missed = missed;
  }

  /** What arrived. */
  public Signal signal() {
    return signal;
  }

  /**
   * When this library learnt of it: after the kernel's delivery and before any queue of a slow
   * subscriber. Two signals at nearly the same moment may be emitted in either order.
   */
  public Instant time() {
    return time;
  }

  /** Who sent it and why, where it came through a signalfd; a handler of the JVM is not told. */
  public Optional<SignalOrigin> origin() {
    return Optional.ofNullable(origin);
  }

  /**
   * How many events of this subscription were dropped just before this one because its queue was
   * full; 0 for a subscriber that keeps up. What the kernel coalesced is not in it.
   */
  public long missed() {
    return missed;
  }

  /** For a log: name, time, and what was missed, if anything. */
  @Override
  public String toString() {
    return signal + " at " + time + (missed == 0 ? "" : " (missed " + missed + " before it)");
  }
}
