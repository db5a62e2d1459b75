/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One subscription to several sources. Every signal from either side ends in {@link #drain()},
 * which one thread at a time runs; fields without a comment belong to that thread.
 */
final class Merging implements Subscription {
  private final CoreSubscriber<? super ByteBuf> actual;
  private final Source[] sources;

  /**
   * Signals not yet seen by the draining thread; whoever raises it from 0 drains. It begins at 1:
   * nothing is asked for before every source is subscribed to, so that the first has no start.
   */
  private final AtomicInteger signals = new AtomicInteger(1);

  /** Chunks wanted and not yet delivered. Any thread adds. */
  private final AtomicLong requested = new AtomicLong();

  /** Sources that have not completed. Any thread. */
  private final AtomicInteger running;

  /** Sources with a chunk, in the order they came; each at most once. Any thread adds. */
  private final Queue<Source> ready = Queues.<Source>unboundedMultiproducer().get();

  /** The first error, of a source or of a misuse. Any thread. */
  private final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();

  /** The subscriber has given up. Any thread. */
  private volatile boolean cancelled;

  private boolean terminated;

  Merging(CoreSubscriber<? super ByteBuf> actual, int count) {
    this.actual = actual;
    this.running = new AtomicInteger(count);
    this.sources = new Source[count];
    for (int i = 0; i < count; i++) {
      sources[i] = new Source();
    }
  }

  void subscribeTo(List<? extends Publisher<? extends ByteBuf>> publishers) {
    for (int i = 0; i < sources.length && !cancelled && error.get() == null; i++) {
      publishers.get(i).subscribe(sources[i]);
    }
    handleSignals();
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      error.compareAndSet(
          null, new IllegalArgumentException("§3.9: demand must be positive, it was " + n));
    } else {
      requested.accumulateAndGet(n, Operators::addCap);
    }
    drain();
  }

  @Override
  public void cancel() {
    cancelled = true;
    drain();
  }

  private void drain() {
    if (signals.getAndIncrement() == 0) {
      handleSignals();
    }
  }

  private void handleSignals() {
    int missed = 1;
    do {
      deliver();
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
  }

  private void deliver() {
    boolean allDone = running.get() == 0; // read before the queue: nothing is added after it is 0
    while (!isOver()) {
      Source next = requested.get() > 0 ? ready.poll() : null;
      if (next == null) {
        break;
      }
      if (requested.get() != Long.MAX_VALUE) {
        requested.decrementAndGet();
      }
      actual.onNext(next.take());
    }
    if (!terminated && isOver()) {
      stop();
    } else if (!terminated && allDone && ready.isEmpty()) {
      terminated = true;
      actual.onComplete();
    } else if (requested.get() > 0) {
      for (Source source : sources) {
        source.ask();
      }
    }
    if (terminated) {
      release();
    }
  }

  private boolean isOver() {
    return terminated || cancelled || error.get() != null;
  }

  private void stop() {
    terminated = true;
    for (Source source : sources) {
      source.cancel();
    }
    release();
    Throwable reason = error.get();
    if (reason != null && !cancelled) {
      actual.onError(reason);
    }
  }

  private void release() {
    for (Source source = ready.poll(); source != null; source = ready.poll()) {
      source.take().release();
    }
  }

  /** One source; it is asked for one chunk when its last one was taken. */
  private final class Source implements CoreSubscriber<ByteBuf> {
    /** From {@code onSubscribe} on; a cancelled one from the end on. Any thread. */
    private final AtomicReference<@Nullable Subscription> upstream = new AtomicReference<>();

    /** The chunk that waits; set before the source is ready, taken after that. */
    private @Nullable ByteBuf chunk;

    private volatile boolean done;
    private boolean asked;

    @Override
    public Context currentContext() {
      return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      if (!upstream.compareAndSet(null, subscription)) {
        subscription.cancel();
      }
      drain();
    }

    void ask() {
      Subscription from = upstream.get();
      if (from != null && !asked && !done) {
        asked = true;
        from.request(1);
      }
    }

    void cancel() {
      Subscription from = upstream.getAndSet(Operators.cancelledSubscription());
      if (from != null) {
        from.cancel();
      }
    }

    ByteBuf take() {
      ByteBuf taken = Objects.requireNonNull(chunk);
      chunk = null;
      asked = false;
      return taken;
    }

    @Override
    public void onNext(ByteBuf next) {
      chunk = next;
      ready.add(this);
      drain();
    }

    @Override
    public void onError(Throwable thrown) {
      if (done || !error.compareAndSet(null, thrown)) {
        Operators.onErrorDropped(thrown, currentContext());
        return;
      }
      done = true;
      drain();
    }

    @Override
    public void onComplete() {
      if (!done) {
        done = true;
        running.decrementAndGet();
        drain();
      }
    }
  }
}
