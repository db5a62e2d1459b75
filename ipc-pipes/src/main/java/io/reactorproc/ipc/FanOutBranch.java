/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The part of one target in a {@link FanOut}: {@link #bytes()} or {@link #chunks()}, by demand, for
 * one subscriber in all. A cancel lets go of the branch and of what waits for it.
 */
public final class FanOutBranch {
  private static final Logger LOG = LoggerFactory.getLogger(FanOutBranch.class);

  private final FanOut policy;
  private final Spreading owner;
  private final AtomicBoolean taken = new AtomicBoolean();
  private final Flux<TapChunk> stream = new Stream();

  /** Chunks wanted and not yet delivered. Any thread adds, the draining one takes. */
  private final AtomicLong demand = new AtomicLong();

  /** The draining thread writes, any thread reads; as {@link #lost}. */
  private final AtomicLong delivered = new AtomicLong();

  private final AtomicLong lost = new AtomicLong();

  /** Somebody who has subscribed and not left. Any thread sets, the draining one clears. */
  private volatile @Nullable CoreSubscriber<? super TapChunk> actual;

  /** Nobody wants anything from here any more. Any thread. */
  private volatile boolean left;

  /** What is wrong with the subscriber's demand, or the end that follows the queue. Any thread. */
  private volatile @Nullable Throwable error;

  // From here on the draining thread's.
  private final ArrayDeque<TapChunk> queue = new ArrayDeque<>(2);
  private long waiting;
  private long gap;
  private boolean ending;

  FanOutBranch(FanOut policy, Spreading owner) {
    this.policy = policy;
    this.owner = owner;
  }

  /** The stream. */
  public Flux<ByteBuf> bytes() {
    return stream.map(TapChunk::bytes);
  }

  /** The stream, with the place of each piece, and so with what is missing before it. */
  public Flux<TapChunk> chunks() {
    return stream;
  }

  /** Bytes delivered so far. Any thread. */
  public long delivered() {
    return delivered.get();
  }

  /** Bytes lost so far, as this target was too slow for them. Any thread. */
  public long lost() {
    return lost.get();
  }

  /** Whether the first chunk need not wait for this target any more. */
  boolean hasJoined() {
    return actual != null || left;
  }

  boolean isActive() {
    return !left && !ending;
  }

  /** Whether another chunk would find its place. On the draining thread, as all below. */
  boolean hasRoom() {
    return queue.isEmpty()
        ? policy.capacity() > 0 || demand.get() > 0
        : waiting < policy.capacity();
  }

  /** Takes a reference to the chunk, or does what the policy says. */
  void offer(ByteBuf chunk, long offset) {
    int size = chunk.readableBytes();
    if (hasRoom()) {
      queue.add(new TapChunk(offset, gap, chunk.retainedDuplicate()));
      gap = 0;
      waiting += size;
    } else {
      gap += size;
      lost.lazySet(lost.get() + size);
      if (policy.whenFull() == FanOut.WhenFull.FAIL) {
        end(new FanOutOverflowException(policy.capacity()));
      }
    }
  }

  /** Nothing follows what is in the queue. */
  void end(@Nullable Throwable reason) {
    if (!ending) {
      ending = true;
      if (reason != null) {
        error = reason;
      }
    }
  }

  /** The target is done, or all is over. Any thread; the owner drains after it. */
  void leave() {
    left = true;
  }

  /** Delivers what is wanted. */
  void drain() {
    CoreSubscriber<? super TapChunk> to = actual;
    while (to != null && !left && demand.get() > 0 && !queue.isEmpty()) {
      if (demand.get() != Long.MAX_VALUE) {
        demand.decrementAndGet();
      }
      TapChunk next = queue.remove();
      int size = next.bytes().readableBytes();
      waiting -= size;
      delivered.lazySet(delivered.get() + size);
      try {
        to.onNext(next);
      } catch (Throwable thrown) {
        // A subscriber must not throw; one that does has cancelled, and the others go on.
        LOG.error("a target of a fan-out threw, its branch is cancelled", thrown);
        left = true;
      }
    }
    if (to != null && !left && ((ending && queue.isEmpty()) || demand.get() < 0)) {
      left = true;
      Throwable reason = error;
      if (reason == null) {
        to.onComplete();
      } else {
        to.onError(reason);
      }
    }
    if (left) {
      actual = null;
      queue.forEach(chunk -> chunk.bytes().release());
      queue.clear();
      waiting = 0;
    }
  }

  private final class Stream extends Flux<TapChunk> implements Subscription {
    @Override
    public void subscribe(CoreSubscriber<? super TapChunk> subscriber) {
      if (!taken.compareAndSet(false, true)) {
        Operators.error(
            subscriber, new IllegalStateException("a branch of a fan-out has one subscriber only"));
        return;
      }
      subscriber.onSubscribe(this);
      actual = subscriber;
      owner.drain();
    }

    @Override
    public void request(long n) {
      if (n > 0) {
        demand.updateAndGet(before -> before < 0 ? before : Operators.addCap(before, n));
      } else {
        error = new IllegalArgumentException("§3.9: demand must be positive, it was " + n);
        demand.set(Long.MIN_VALUE);
      }
      owner.drain();
    }

    @Override
    public void cancel() {
      left = true;
      owner.drain();
    }
  }
}
