/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.ReadControl;
import io.reactorproc.ipc.flow.StreamEnd;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * Runs a command or a pipeline with its stdout going straight from the channel to the subscriber.
 */
final class BytesRun extends Run implements Subscription, ByteReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(BytesRun.class);

  private final CoreSubscriber<? super ByteBuf> actual;

  /** Demand from before the start. Any thread adds, {@link #pass} takes. */
  private final AtomicLong early = new AtomicLong();

  /** Where demand goes since the start. Any thread. */
  private volatile @Nullable ReadControl control;

  BytesRun(Plan plan, CoreSubscriber<? super ByteBuf> actual) {
    super(plan);
    this.actual = actual;
  }

  @Override
  ByteReceiver receiver(Part part, OutputPort output) {
    switch (output.pipe.use()) {
      case STREAM -> {
        return this;
      }
      case EXCERPT -> part.keepExcerpt(output);
      case DRAIN, CAPTURE, STAGE -> {}
    }
    output.control().request(Long.MAX_VALUE);
    return new Drain();
  }

  @Override
  void started() {
    OutputPort stdout = parts().get(parts().size() - 1).member().output(1);
    if (stdout != null) {
      control = stdout.control();
      pass();
    }
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      loop().execute(() -> reject(n));
      return;
    }
    ReadControl to = control;
    if (to != null) {
      to.request(n);
      return;
    }
    early.accumulateAndGet(n, Operators::addCap);
    if (control != null) {
      pass();
    }
  }

  private void pass() {
    ReadControl to = control;
    long demand = early.getAndSet(0);
    if (demand > 0 && to != null) {
      to.request(demand);
    }
  }

  private void reject(long n) {
    if (!isCancelled()) {
      cancelRun();
      actual.onError(new IllegalArgumentException("§3.9: demand must be positive: " + n));
    }
  }

  @Override
  public void cancel() {
    cancelRun();
  }

  @Override
  public void onBytes(ByteBuf chunk) {
    if (isCancelled()) {
      chunk.release();
      return;
    }
    try {
      actual.onNext(chunk);
    } catch (Throwable thrown) {
      // A subscriber must not throw; one that does has cancelled, and the loop goes on.
      LOG.error("a subscriber of {} threw, the child is ended", job(), thrown);
      cancelRun();
    }
  }

  @Override
  public void onEnd(StreamEnd how, @Nullable Throwable error) {
    // The run completes when the child is reaped, too.
  }

  @Override
  void failedToStart(Throwable error) {
    actual.onError(error);
  }

  @Override
  void finished() {
    if (isCancelled()) {
      return;
    }
    Throwable error = verdict();
    if (error == null) {
      actual.onComplete();
    } else {
      actual.onError(error);
    }
  }
}
