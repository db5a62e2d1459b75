/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * The reactive half of decoding: one chunk in, any number of values out, by demand.
 *
 * <p>Every signal from either side ends in {@link #drain()}, which one thread at a time runs; the
 * decoder, {@code awaitsChunk}, {@code ended} and {@code terminated} belong to that thread. While
 * demand is bounded, one chunk is asked for only when a value is wanted and cannot be made of what
 * is held. Unbounded demand is passed on as such.
 */
final class DecodingSubscriber<T>
    implements CoreSubscriber<ByteBuf>, Subscription, StreamDecoder.Output<T>, Scannable {

  /** Signals not yet seen by the draining thread; whoever raises it from 0 drains. */
  private final AtomicInteger signals = new AtomicInteger();

  /** Values wanted and not yet delivered; {@code Long.MAX_VALUE} is never lowered. */
  private final AtomicLong requested = new AtomicLong();

  /** Set once, by whoever passes unbounded demand upstream. */
  private final AtomicBoolean unbounded = new AtomicBoolean();

  private final CoreSubscriber<? super T> actual;
  private final StreamDecoder<T> decoder;

  /** Holds at most one chunk, unless unbounded demand outruns a drain on another thread. */
  private final Queue<ByteBuf> chunks = Queues.<ByteBuf>unbounded(8).get();

  /** Nothing more may be delivered, bar the error of a misuse: what is held is to be released. */
  private volatile boolean halted;

  /** The subscriber broke the protocol, which ends the stream at once; written before halted. */
  private @Nullable Throwable misuse;

  private volatile boolean upstreamDone;
  private @Nullable Throwable upstreamError; // written before upstreamDone
  private Subscription upstream = Operators.emptySubscription();

  private boolean awaitsChunk;
  private boolean ended;
  private boolean terminated;

  DecodingSubscriber(CoreSubscriber<? super T> actual, StreamDecoder<T> decoder) {
    this.actual = actual;
    this.decoder = decoder;
  }

  @Override
  public Context currentContext() {
    return actual.currentContext();
  }

  @Override
  public void onSubscribe(Subscription s) {
    if (Operators.validate(upstream == Operators.emptySubscription() ? null : upstream, s)) {
      upstream = s;
      actual.onSubscribe(this);
    }
  }

  @Override
  public void onNext(ByteBuf chunk) {
    // Offered even when halted: the drain releases it, and only the drain decides.
    chunks.offer(chunk);
    drain();
  }

  @Override
  public void onError(Throwable error) {
    if (upstreamDone || halted) {
      Operators.onErrorDropped(error, currentContext());
      return;
    }
    upstreamError = error;
    upstreamDone = true;
    drain();
  }

  @Override
  public void onComplete() {
    upstreamDone = true;
    drain();
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      if (!halted) { // after the end even a wrong request means nothing (§3.6)
        misuse = new IllegalArgumentException("§3.9: demand must be positive, it was " + n);
        halted = true;
      }
    } else {
      requested.accumulateAndGet(n, Operators::addCap);
    }
    drain();
  }

  @Override
  public void cancel() {
    halted = true;
    upstream.cancel();
    drain();
  }

  private void drain() {
    if (signals.getAndIncrement() != 0) {
      return; // the thread inside sees the signal before it leaves, so the stack does not grow
    }
    int missed = 1;
    do {
      deliver();
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
    // Only here, outside: a synchronous source answers with all its chunks at once, which inside
    // the loop would pile up in the queue.
    if (requested.get() == Long.MAX_VALUE && unbounded.compareAndSet(false, true)) {
      upstream.request(Long.MAX_VALUE);
    }
  }

  /** Delivers what can be delivered now; afterwards only a new signal can change the situation. */
  private void deliver() {
    long demand = requested.get();
    long delivered = 0;
    try {
      while (!halted) {
        if (decoder.hasNext()) {
          if (delivered == demand) {
            break;
          }
          delivered += decoder.deliver(demand - delivered, this);
        } else if (!refill()) {
          if (delivered != demand && demand != Long.MAX_VALUE) {
            pull();
          }
          break;
        }
      }
    } catch (Throwable e) {
      halted = true;
      release(); // before onOperatorError, which throws what is fatal
      terminate(Operators.onOperatorError(upstream, e, currentContext()));
    }
    if (delivered != 0 && demand != Long.MAX_VALUE) {
      requested.accumulateAndGet(delivered, DecodingSubscriber::less);
    }
    if (halted) {
      release();
      reportMisuse();
    }
  }

  private static long less(long wanted, long delivered) {
    return wanted == Long.MAX_VALUE ? wanted : wanted - delivered;
  }

  @Override
  public boolean accept(T value) {
    actual.onNext(value);
    return !halted;
  }

  /** Gives the decoder its next input, or ends the stream; {@code false} if neither is possible. */
  private boolean refill() {
    boolean last = upstreamDone; // read before the queue: nothing is offered after it is set
    ByteBuf chunk = chunks.poll();
    if (chunk != null) {
      awaitsChunk = false;
      decoder.feed(chunk);
      return true;
    }
    if (!last) {
      return false;
    }
    if (upstreamError != null) {
      terminate(upstreamError);
    } else if (!ended) {
      ended = true;
      decoder.end();
    } else {
      terminate(null);
    }
    return true;
  }

  private void pull() {
    if (!awaitsChunk) {
      awaitsChunk = true;
      upstream.request(1);
    }
  }

  private void terminate(@Nullable Throwable error) {
    halted = true;
    terminated = true;
    if (error == null) {
      actual.onComplete();
    } else {
      actual.onError(error);
    }
  }

  private void reportMisuse() {
    Throwable broken = misuse;
    if (broken != null && !terminated) {
      upstream.cancel();
      terminate(broken);
    }
  }

  private void release() {
    decoder.discard();
    for (ByteBuf chunk = chunks.poll(); chunk != null; chunk = chunks.poll()) {
      chunk.release();
    }
  }

  @Override
  @SuppressWarnings("rawtypes") // the signature Scannable prescribes
  public @Nullable Object scanUnsafe(Attr key) {
    if (key == Attr.PARENT) {
      return upstream;
    }
    if (key == Attr.ACTUAL) {
      return actual;
    }
    if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
      return requested.get();
    }
    if (key == Attr.BUFFERED) {
      return chunks.size();
    }
    if (key == Attr.CANCELLED || key == Attr.TERMINATED) {
      return halted;
    }
    if (key == Attr.ERROR) {
      return upstreamError;
    }
    return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
  }
}
