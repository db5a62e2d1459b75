/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
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
 * One {@link ReadControl source} as a {@code Flux} for one subscriber. Bytes wait in the kernel
 * until somebody subscribes; an end that came before is delivered then.
 */
public class ChannelFlux extends Flux<ByteBuf> implements ByteReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelFlux.class);

  private final IoEventLoop loop;
  private final AtomicBoolean taken = new AtomicBoolean();
  private @Nullable ReadControl source;
  private @Nullable Reading reading;
  private @Nullable StreamEnd ended;
  private @Nullable Throwable failure;

  /** A flux that delivers on this loop; {@link #bind} follows before anybody can subscribe. */
  public ChannelFlux(IoEventLoop loop) {
    this.loop = loop;
  }

  /** Sets what has this flux as its receiver. */
  public void bind(ReadControl bound) {
    source = bound;
  }

  private ReadControl source() {
    return Objects.requireNonNull(source);
  }

  /** Runs on the loop when the subscriber is there and has got its subscription. */
  protected void onTaken() {}

  /** Runs on the loop when the subscriber has cancelled and the descriptor is closed. */
  protected void onCancelled() {}

  /** Whether somebody has subscribed. Any thread. */
  public boolean isTaken() {
    return taken.get();
  }

  @Override
  public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
    if (!taken.compareAndSet(false, true)) {
      Operators.error(
          actual, new IllegalStateException("a descriptor's stream has one subscriber only"));
      return;
    }
    Reading created = new Reading(actual);
    actual.onSubscribe(created);
    if (loop.inEventLoop()) {
      created.attach();
      return;
    }
    try {
      loop.execute(created::attach);
    } catch (RejectedExecutionException shutDown) {
      source().cancel();
      actual.onError(shutDown);
    }
  }

  @Override
  public void onBytes(ByteBuf chunk) {
    Reading current = reading;
    if (current == null) {
      chunk.release(); // cannot be: there is no demand without a subscriber
    } else {
      current.next(chunk);
    }
  }

  @Override
  public void onEnd(StreamEnd how, @Nullable Throwable error) {
    ended = how;
    failure = error;
    Reading current = reading;
    if (current != null) {
      current.end();
    }
  }

  /** The subscription of the one subscriber. Request and cancel come on any thread. */
  private final class Reading implements Subscription {
    private final CoreSubscriber<? super ByteBuf> actual;

    /** Demand from before {@link #attach}; any thread adds, {@link #pass} takes. */
    private final AtomicLong early = new AtomicLong();

    private volatile boolean attached;
    private volatile boolean over;

    /** Why the subscription was refused before {@link #attach}. On the loop. */
    private @Nullable Throwable refusal;

    Reading(CoreSubscriber<? super ByteBuf> actual) {
      this.actual = actual;
    }

    void attach() {
      if (over) {
        return;
      }
      reading = this;
      Throwable refused = refusal;
      if (refused != null) {
        fail(refused);
        return;
      }
      onTaken();
      attached = true;
      if (ended != null) {
        end();
      } else {
        pass();
      }
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        Throwable refused = new IllegalArgumentException("§3.9: demand must be positive: " + n);
        onLoop(() -> refuse(refused));
        return;
      }
      if (attached) {
        source().request(n);
        return;
      }
      early.accumulateAndGet(n, Operators::addCap);
      if (attached) {
        pass();
      }
    }

    private void pass() {
      long demand = early.getAndSet(0);
      if (demand > 0) {
        source().request(demand);
      }
    }

    @Override
    public void cancel() {
      if (loop.inEventLoop()) {
        stop();
      } else {
        over = true;
        onLoop(this::stop);
      }
    }

    private void onLoop(Runnable action) {
      try {
        loop.execute(action);
      } catch (RejectedExecutionException shutDown) {
        // The loop has closed what it watched; a descriptor that it never watched is closed here.
        source().cancel();
      }
    }

    /** Not before {@link #attach}: {@code onSubscribe} may still run on another thread. */
    private void refuse(Throwable refused) {
      if (reading == this) {
        fail(refused);
      } else {
        refusal = refused;
      }
    }

    private void stop() {
      over = true;
      reading = null;
      if (ended == null) {
        source().cancel();
        ended = StreamEnd.CANCELLED;
        onCancelled();
      }
    }

    void next(ByteBuf chunk) {
      if (over) {
        chunk.release();
        return;
      }
      try {
        actual.onNext(chunk);
      } catch (Throwable thrown) {
        // A subscriber must not throw; one that does has cancelled, and the loop goes on.
        LOG.error("a subscriber of a descriptor's stream threw, its stream is cancelled", thrown);
        stop();
      }
    }

    void fail(Throwable error) {
      if (!over) {
        stop();
        actual.onError(error);
      }
    }

    void end() {
      if (over) {
        return;
      }
      over = true;
      reading = null;
      Throwable error = failure;
      if (error != null) {
        actual.onError(error);
      } else {
        actual.onComplete();
      }
    }
  }
}
