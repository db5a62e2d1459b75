/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * Takes arguments, keeps items running, delivers results. Whatever happens, on any thread, is noted
 * and followed by {@link #drain}, where all decisions are made, by one thread at a time.
 *
 * <p>An item that has started and is not delivered holds its place: where the subscriber asks for
 * no results, no further item starts, and then no further argument is asked for.
 */
final class Coordinator<T, R> implements CoreSubscriber<T>, Subscription {
  private final CoreSubscriber<? super ItemResult<T, R>> actual;
  private final Options options;
  private final Work<T, R> work;
  private final Tally tally;

  // Notes, any thread.
  private final AtomicInteger events = new AtomicInteger();
  private final AtomicLong demand = new AtomicLong();
  private final Queue<T> arguments = Queues.<T>unbounded().get();
  private final Queue<Slot<T, R>> ended = Queues.<Slot<T, R>>unboundedMultiproducer().get();
  private volatile boolean cancelled;
  private volatile boolean sourceEnded;
  private @Nullable Throwable sourceError; // written before sourceEnded

  /** Set before anybody else knows this object. */
  private @Nullable Subscription source;

  // In drain() only.
  private final Set<Slot<T, R>> running = new HashSet<>();

  /** To be delivered from its head: in the order of the arguments, or as they ended. */
  private final Deque<Slot<T, R>> line = new ArrayDeque<>();

  private long started;
  private boolean totalSaid;
  private boolean stopped;
  private @Nullable Throwable failure;
  private boolean over;

  Coordinator(
      CoreSubscriber<? super ItemResult<T, R>> actual,
      Options options,
      Work<T, R> work,
      Tally tally) {
    this.actual = actual;
    this.options = options;
    this.work = work;
    this.tally = tally;
  }

  Tally tally() {
    return tally;
  }

  @Override
  public Context currentContext() {
    return actual.currentContext();
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (Operators.validate(source, subscription)) {
      source = subscription;
      tally.begins();
      actual.onSubscribe(this);
      subscription.request(options.prefetch());
    }
  }

  private Subscription source() {
    return Objects.requireNonNull(source);
  }

  @Override
  public void onNext(T argument) {
    arguments.add(argument);
    drain();
  }

  @Override
  public void onError(Throwable error) {
    sourceError = error;
    onComplete();
  }

  @Override
  public void onComplete() {
    sourceEnded = true;
    drain();
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      demand.accumulateAndGet(n, Operators::addCap);
      drain();
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    drain();
  }

  /** An item's last attempt is over. */
  void itemEnded(Slot<T, R> slot) {
    ended.add(slot);
    drain();
  }

  /** Decides what is next. Whoever comes while a thread is in here leaves it to that thread. */
  void drain() {
    if (events.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      step();
      seen = events.addAndGet(-seen);
    } while (seen != 0);
  }

  private void step() {
    if (over || cancelled) {
      dropAll();
      return;
    }
    takeEnded();
    startMore();
    deliver();
    if (!cancelled) {
      endIfDone();
    }
  }

  private void takeEnded() {
    for (Slot<T, R> slot = ended.poll(); slot != null; slot = ended.poll()) {
      if (!running.remove(slot)) {
        continue; // given up already
      }
      ItemResult<T, R> result = slot.finish();
      tally.itemEnds(result.isSuccess());
      if (result.isSuccess() || options.onFailure == OnFailure.CONTINUE) {
        if (!options.ordered) {
          line.add(slot);
        }
      } else {
        line.remove(slot);
        stop(result);
      }
    }
  }

  private void stop(ItemResult<T, R> failed) {
    if (failure != null) {
      failure.addSuppressed(failed.error().orElseThrow());
      return;
    }
    failure = new ItemFailedException(failed);
    stopped = true;
    source().cancel();
    Operators.onDiscardQueueWithClear(arguments, currentContext(), null);
    if (options.onFailure == OnFailure.END_RUNNING) {
      line.removeIf(slot -> slot.result() == null);
      endRunning();
    }
  }

  private void endRunning() {
    running.forEach(Slot::cancel);
    running.clear();
  }

  private void startMore() {
    while (!stopped && running.size() < options.concurrency && held() < options.window()) {
      T argument = arguments.poll();
      if (argument == null) {
        return;
      }
      Slot<T, R> slot = new Slot<>(this, started++, argument);
      running.add(slot);
      if (options.ordered) {
        line.add(slot);
      }
      tally.itemStarts();
      slot.start(options, work);
      source().request(1);
    }
  }

  /** Items that have started and are not delivered. */
  private int held() {
    return options.ordered ? line.size() : running.size() + line.size();
  }

  private void deliver() {
    long asked = demand.get();
    long delivered = 0;
    while (delivered < asked && !cancelled) {
      Slot<T, R> head = line.peek();
      ItemResult<T, R> result = head == null ? null : head.result();
      if (result == null) {
        break;
      }
      line.remove();
      delivered++;
      actual.onNext(result);
    }
    if (delivered > 0) {
      demand.accumulateAndGet(delivered, Operators::subOrZero);
      events.incrementAndGet(); // places are free: another step
    }
  }

  private void endIfDone() {
    boolean sourceIsDry = sourceEnded && arguments.isEmpty();
    if (sourceEnded && !totalSaid && !stopped && sourceError == null) {
      totalSaid = true;
      tally.totalIs(started + arguments.size());
    }
    if (!running.isEmpty() || !line.isEmpty() || !(stopped || sourceIsDry)) {
      return;
    }
    over = true;
    tally.ends();
    Throwable error = failure != null ? failure : sourceError;
    if (error == null) {
      actual.onComplete();
    } else {
      actual.onError(error);
    }
  }

  private void dropAll() {
    if (!over) {
      over = true;
      source().cancel();
      endRunning();
      tally.ends();
    }
    ended.clear();
    for (Slot<T, R> slot = line.poll(); slot != null; slot = line.poll()) {
      Operators.onDiscard(slot.result(), currentContext());
    }
    Operators.onDiscardQueueWithClear(arguments, currentContext(), null);
  }
}
