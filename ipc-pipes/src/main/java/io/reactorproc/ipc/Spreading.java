/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.FanOutResult.Delivery;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One fan-out at work. Every signal from any side ends in {@link #drain()}, which one thread at a
 * time runs; fields without a comment belong to that thread. At most one chunk is asked for.
 */
final class Spreading implements CoreSubscriber<ByteBuf> {
  private final FanOut policy;
  private final MonoSink<FanOutResult> sink;
  private final FanOutBranch[] branches;
  private final Consuming[] consumers;

  /** Signals not yet seen by the draining thread; whoever raises it from 0 drains. */
  private final AtomicInteger signals = new AtomicInteger();

  /** Null before {@code onSubscribe}; a cancelled one from the end on. Any thread. */
  private final AtomicReference<@Nullable Subscription> upstream = new AtomicReference<>();

  /** The chunk that has arrived. Any thread. */
  private final AtomicReference<@Nullable ByteBuf> arrived = new AtomicReference<>();

  private volatile boolean sourceDone;
  private volatile @Nullable Throwable sourceError; // written before sourceDone

  /** The failure that ends all. Any thread. */
  private final AtomicReference<@Nullable Throwable> fatal = new AtomicReference<>();

  private volatile boolean cancelled;
  private boolean asked;
  private boolean over;
  private long offset;

  Spreading(FanOut policy, int targets, MonoSink<FanOutResult> sink) {
    this.policy = policy;
    this.sink = sink;
    this.branches = new FanOutBranch[targets];
    this.consumers = new Consuming[targets];
    for (int i = 0; i < targets; i++) {
      branches[i] = new FanOutBranch(policy, this);
      consumers[i] = new Consuming(branches[i]);
    }
  }

  void start(Publisher<? extends ByteBuf> source, List<? extends FanOut.Target> targets) {
    for (int i = 0; i < branches.length; i++) {
      consumers[i].start(targets.get(i));
    }
    source.subscribe(this);
  }

  void cancel() {
    cancelled = true;
    drain();
  }

  @Override
  public Context currentContext() {
    return Context.of(sink.contextView());
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (!upstream.compareAndSet(null, subscription)) {
      subscription.cancel();
    }
    drain();
  }

  @Override
  public void onNext(ByteBuf chunk) {
    arrived.set(chunk);
    drain();
  }

  @Override
  public void onError(Throwable thrown) {
    sourceError = thrown;
    onComplete();
  }

  @Override
  public void onComplete() {
    sourceDone = true;
    drain();
  }

  void drain() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      advance();
      missed = signals.addAndGet(-missed);
    } while (missed != 0);
  }

  private void advance() {
    if (!over && (cancelled || fatal.get() != null)) {
      stop();
    }
    boolean last = sourceDone; // read before the chunk: none arrives after it is set
    ByteBuf chunk = arrived.getAndSet(null);
    if (chunk != null) {
      asked = false;
      spread(chunk);
    }
    for (FanOutBranch branch : branches) {
      if (last) {
        branch.end(sourceError);
      }
      branch.drain();
    }
    if (!over && !last) {
      askOrLeave();
    }
    if (!over && Arrays.stream(consumers).allMatch(Consuming::isDone)) {
      finish();
    }
  }

  private void spread(ByteBuf chunk) {
    try {
      for (FanOutBranch branch : branches) {
        if (branch.isActive()) {
          branch.offer(chunk, offset);
        }
      }
      offset += chunk.readableBytes();
    } finally {
      chunk.release();
    }
  }

  private void askOrLeave() {
    boolean anyActive = false;
    boolean anyRoom = false;
    boolean allRoom = true;
    for (FanOutBranch branch : branches) {
      if (!branch.hasJoined()) {
        return;
      }
      if (branch.isActive()) {
        boolean room = branch.hasRoom();
        anyActive = true;
        anyRoom |= room;
        allRoom &= room;
      }
    }
    Subscription source = upstream.get();
    if (source == null || asked) {
      return;
    }
    if (!anyActive) {
      cancelSource();
    } else if (policy.whenFull() == FanOut.WhenFull.WAIT ? allRoom : anyRoom) {
      asked = true;
      source.request(1);
    }
  }

  private void cancelSource() {
    Subscription source = upstream.getAndSet(Operators.cancelledSubscription());
    if (source != null) {
      source.cancel();
    }
  }

  private void stop() {
    over = true;
    cancelSource();
    for (int i = 0; i < branches.length; i++) {
      branches[i].leave();
      consumers[i].dispose();
    }
    Throwable reason = fatal.get();
    if (reason != null && !cancelled) {
      sink.error(reason);
    }
  }

  private void finish() {
    over = true;
    cancelSource();
    Throwable failed = sourceError;
    if (failed != null) {
      sink.error(failed);
      return;
    }
    sink.success(
        new FanOutResult(
            IntStream.range(0, branches.length)
                .mapToObj(
                    i ->
                        new Delivery(
                            branches[i].delivered(), branches[i].lost(), consumers[i].failure))
                .toList()));
  }

  /** Watches what a target made of its branch. */
  private final class Consuming extends BaseSubscriber<Void> {
    private final FanOutBranch branch;
    private @Nullable Throwable failure; // written before done
    private volatile boolean done;

    Consuming(FanOutBranch branch) {
      this.branch = branch;
    }

    void start(FanOut.Target target) {
      try {
        target.consume(branch).subscribe(this);
      } catch (RuntimeException | Error thrown) {
        hookOnError(thrown);
      }
    }

    boolean isDone() {
      return done;
    }

    @Override
    public Context currentContext() {
      return Spreading.this.currentContext();
    }

    @Override
    protected void hookOnComplete() {
      done = true;
      branch.leave();
      drain();
    }

    @Override
    protected void hookOnError(Throwable thrown) {
      failure = thrown;
      if (policy.failures() == FanOut.Failures.END_ALL) {
        fatal.compareAndSet(null, thrown);
      }
      hookOnComplete();
    }
  }
}
