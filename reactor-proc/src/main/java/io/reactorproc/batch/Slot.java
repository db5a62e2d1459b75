/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** One item on its way: subscribes to its attempts and tells the coordinator how they ended. */
final class Slot<T, R> implements CoreSubscriber<R> {
  private final Coordinator<T, R> coordinator;
  private final long index;
  private final T argument;
  private final long startNanos;
  private final AtomicInteger attempts = new AtomicInteger();
  private volatile @Nullable Subscription upstream;

  /** Written before the coordinator is told. */
  private @Nullable R value;

  private @Nullable Throwable error;
  private long endNanos;

  /** In the coordinator's hands from here on. */
  private @Nullable ItemResult<T, R> result;

  Slot(Coordinator<T, R> coordinator, long index, T argument) {
    this.coordinator = coordinator;
    this.index = index;
    this.argument = argument;
    this.startNanos = coordinator.tally().now();
  }

  void start(Options options, Work<T, R> work) {
    Mono<R> item =
        Mono.defer(
            () -> {
              if (attempts.incrementAndGet() > 1) {
                coordinator.tally().itemRetries();
              }
              return work.attempt(argument, options.timeout);
            });
    if (options.retry != null) {
      item = item.retryWhen(options.retry).onErrorMap(Slot::lastFailure);
    }
    item.subscribe(this);
  }

  /** Reactor wraps it where the attempts are used up. */
  private static Throwable lastFailure(Throwable error) {
    Throwable cause = error.getCause();
    return Exceptions.isRetryExhausted(error) && cause != null ? cause : error;
  }

  T argument() {
    return argument;
  }

  /** Gives it up; what it still says is ignored. */
  void cancel() {
    Subscription current = upstream;
    if (current != null) {
      current.cancel();
    }
  }

  /** The result is made when the coordinator takes notice. */
  ItemResult<T, R> finish() {
    ItemResult<T, R> made =
        new ItemResult<>(
            index,
            argument,
            attempts.get(),
            Duration.ofNanos(Math.max(0, endNanos - startNanos)),
            error == null ? Optional.ofNullable(value) : Optional.empty(),
            Optional.ofNullable(error));
    result = made;
    return made;
  }

  /** Null until {@link #finish}. */
  @Nullable ItemResult<T, R> result() {
    return result;
  }

  @Override
  public Context currentContext() {
    return coordinator.currentContext();
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (Operators.validate(upstream, subscription)) {
      upstream = subscription;
      subscription.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(R item) {
    value = item;
  }

  @Override
  public void onError(Throwable thrown) {
    error = thrown;
    onComplete();
  }

  @Override
  public void onComplete() {
    endNanos = coordinator.tally().now();
    coordinator.itemEnded(this);
  }
}
