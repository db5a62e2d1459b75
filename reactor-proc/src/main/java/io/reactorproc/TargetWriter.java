/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * Writes one stream to one target, on a thread that may block; two chunks are on their way at most.
 * Signals come on any thread and wait in a mailbox; one run at a time, on Reactor's bounded elastic
 * scheduler, handles them, and fields without a comment belong to it.
 */
final class TargetWriter implements CoreSubscriber<ByteBuf>, Runnable {
  private static final int MOST_IN_FLIGHT = 2;

  private final OutputTarget target;
  private final MonoSink<Void> sink;

  /** Chunks to be written. Any thread adds, the run takes. */
  private final Queue<ByteBuf> mailbox = Queues.<ByteBuf>unboundedMultiproducer().get();

  /** Signals not yet seen by the run; whoever raises it from 0 schedules one. */
  private final AtomicInteger signals = new AtomicInteger();

  /** Set by {@code onSubscribe}, before any other signal. */
  private Subscription upstream = Operators.emptySubscription();

  private volatile boolean cancelled;
  private volatile boolean sourceDone;
  private volatile @Nullable Throwable sourceError; // written before sourceDone

  private @Nullable WritableByteChannel channel;
  private boolean over;

  private TargetWriter(OutputTarget target, MonoSink<Void> sink) {
    this.target = target;
    this.sink = sink;
  }

  /** Opens the target with the subscription, completes when it is closed. */
  static Mono<Void> write(Flux<ByteBuf> chunks, OutputTarget target) {
    return Mono.create(sink -> chunks.subscribe(new TargetWriter(target, sink)));
  }

  @Override
  public Context currentContext() {
    return Context.of(sink.contextView());
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    upstream = subscription;
    sink.onCancel(
        () -> {
          cancelled = true;
          subscription.cancel();
          signal();
        });
    signal();
  }

  @Override
  public void onNext(ByteBuf chunk) {
    mailbox.add(chunk);
    signal();
  }

  @Override
  public void onError(Throwable error) {
    sourceError = error;
    onComplete();
  }

  @Override
  public void onComplete() {
    sourceDone = true;
    signal();
  }

  private void signal() {
    if (signals.getAndIncrement() == 0) {
      Schedulers.boundedElastic().schedule(this);
    }
  }

  @Override
  public void run() {
    int missed = 1;
    do {
      advance();
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
  }

  private void advance() {
    boolean last = sourceDone; // read before the mailbox: nothing is added after it is set
    try {
      if (channel == null && !over && !cancelled) {
        channel = target.open();
        upstream.request(MOST_IN_FLIGHT);
      }
      for (ByteBuf chunk = mailbox.poll(); chunk != null; chunk = mailbox.poll()) {
        write(chunk);
      }
    } catch (IOException | RuntimeException e) {
      upstream.cancel();
      finish(e);
      for (ByteBuf chunk = mailbox.poll(); chunk != null; chunk = mailbox.poll()) {
        chunk.release();
      }
    }
    if (last || cancelled) {
      finish(sourceError);
    }
  }

  private void write(ByteBuf chunk) throws IOException {
    try {
      WritableByteChannel to = channel;
      if (cancelled || to == null) {
        return;
      }
      ByteBuffer bytes = chunk.nioBuffer();
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
    } finally {
      chunk.release();
    }
    upstream.request(1);
  }

  private void finish(@Nullable Throwable error) {
    if (over) {
      return;
    }
    over = true;
    Throwable reason = error;
    WritableByteChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        reason = reason == null ? e : reason;
      }
    }
    if (reason == null) {
      sink.success();
    } else {
      sink.error(reason);
    }
  }
}
