/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** The counters of one run. Any thread; observers read a copy and hold nobody up. */
final class Tally {
  private static final long NOT_YET = Long.MIN_VALUE;

  private final Scheduler clock;
  private final AtomicReference<Counts> counts;
  private final Sinks.Empty<Void> ended = Sinks.empty();

  private record Counts(
      OptionalLong total,
      long succeeded,
      long failed,
      long running,
      long retried,
      long start,
      long end) {

    Counts ofItems(long moreSucceeded, long moreFailed, long moreRunning, long moreRetried) {
      return new Counts(
          total,
          succeeded + moreSucceeded,
          failed + moreFailed,
          running + moreRunning,
          retried + moreRetried,
          start,
          end);
    }

    Counts withTotal(long all) {
      return new Counts(OptionalLong.of(all), succeeded, failed, running, retried, start, end);
    }

    Counts from(long time) {
      return new Counts(total, succeeded, failed, running, retried, time, end);
    }

    Counts to(long time) {
      return new Counts(total, succeeded, failed, 0, retried, start, time);
    }
  }

  Tally(Scheduler clock, OptionalLong total) {
    this.clock = clock;
    this.counts = new AtomicReference<>(new Counts(total, 0, 0, 0, 0, NOT_YET, NOT_YET));
  }

  long now() {
    return clock.now(TimeUnit.NANOSECONDS);
  }

  private void change(UnaryOperator<Counts> by) {
    counts.updateAndGet(by);
  }

  void begins() {
    long now = now();
    change(c -> c.from(now));
  }

  void itemStarts() {
    change(c -> c.ofItems(0, 0, 1, 0));
  }

  void itemRetries() {
    change(c -> c.ofItems(0, 0, 0, 1));
  }

  void itemEnds(boolean success) {
    change(c -> success ? c.ofItems(1, 0, -1, 0) : c.ofItems(0, 1, -1, 0));
  }

  /** The source has completed after this many. */
  void totalIs(long total) {
    change(c -> c.withTotal(total));
  }

  void ends() {
    long now = now();
    change(c -> c.end == NOT_YET ? c.to(now) : c);
    // Ending twice, as a cancel beside the end may, is refused by the sink and means nothing.
    ended.tryEmitEmpty();
  }

  Mono<Void> ended() {
    return ended.asMono();
  }

  BatchProgress snapshot() {
    Counts now = Objects.requireNonNull(counts.get());
    long until = now.end == NOT_YET ? now() : now.end;
    long elapsed = now.start == NOT_YET ? 0 : Math.max(0, until - now.start);
    return new BatchProgress(
        now.total, now.succeeded, now.failed, now.running, now.retried, Duration.ofNanos(elapsed));
  }
}
