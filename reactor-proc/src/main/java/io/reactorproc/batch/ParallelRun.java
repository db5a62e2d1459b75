/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * One run of a {@link Parallel}: its results for one subscriber, who starts it, and its progress
 * for any number of observers, who hold nobody up. May be used from any thread.
 */
public final class ParallelRun<T, R> {
  private final Publisher<? extends T> source;
  private final Options options;
  private final Work<T, R> work;
  private final Scheduler timer = Schedulers.parallel();
  private final Tally tally;
  private final AtomicBoolean taken = new AtomicBoolean();

  ParallelRun(Publisher<? extends T> source, Options options, Work<T, R> work) {
    this.source = source;
    this.options = options;
    this.work = work;
    this.tally = new Tally(timer, options.total);
  }

  /**
   * The results, as {@link Parallel#results()} says.
   *
   * @return for one subscriber; a second one gets an {@code IllegalStateException}
   */
  public Flux<ItemResult<T, R>> results() {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super ItemResult<T, R>> actual) {
        if (taken.compareAndSet(false, true)) {
          Flux.<T>from(source).subscribe(new Coordinator<>(actual, options, work, tally));
        } else {
          Operators.error(
              actual, new IllegalStateException("a run has one subscriber for its results"));
        }
      }
    };
  }

  /** How far it is now. */
  public BatchProgress snapshot() {
    return tally.snapshot();
  }

  /**
   * How far it is, at once and then at this interval; last, when the run has completed, failed or
   * been cancelled, how far it came.
   *
   * <ul>
   *   <li><b>Start:</b> at the subscription, which does not start the run.
   *   <li><b>Demand:</b> where there is none at the time of a snapshot, that one is left out. The
   *       last one waits for demand.
   *   <li><b>End:</b> completes after the last snapshot; there are no errors. <b>Cancel:</b> does
   *       nothing to the run. <b>Thread:</b> Reactor's parallel scheduler, or that of the run's
   *       end.
   * </ul>
   */
  public Flux<BatchProgress> progress(Duration every) {
    return Flux.interval(Duration.ZERO, every, timer)
        .onBackpressureDrop()
        .map(tick -> snapshot())
        .takeUntilOther(tally.ended())
        .concatWith(Mono.fromSupplier(this::snapshot));
  }
}
