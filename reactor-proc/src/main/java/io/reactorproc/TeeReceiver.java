/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.ReadControl;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.sys.Descriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Writes each chunk to the targets, on a worker that may block, and delivers it after that. At most
 * {@link #MOST_IN_FLIGHT} chunks are on their way, so that a slow target slows the child down.
 */
final class TeeReceiver implements ByteReceiver, ReadControl {
  private static final Logger LOG = LoggerFactory.getLogger(TeeReceiver.class);
  private static final int MOST_IN_FLIGHT = 4;

  private final IoEventLoop loop;
  private final List<OutputTarget> targets;
  private final ByteReceiver next;
  private final Consumer<Throwable> onFailure;
  private final Scheduler.Worker worker = Schedulers.boundedElastic().createWorker();

  /** Demand of the receiver that is not passed on yet. Any thread adds, the loop takes. */
  private final AtomicLong demand = new AtomicLong();

  private @Nullable ReadControl source;
  private int inFlight;
  private boolean over;

  /** The open targets; on the worker. */
  private final List<WritableByteChannel> open = new ArrayList<>();

  private boolean broken;

  TeeReceiver(
      IoEventLoop loop,
      List<OutputTarget> targets,
      ByteReceiver next,
      Consumer<Throwable> onFailure) {
    this.loop = loop;
    this.targets = targets;
    this.next = next;
    this.onFailure = onFailure;
    worker.schedule(this::openTargets);
  }

  /** Sets what is read; before any demand. */
  void bind(ReadControl channel) {
    source = channel;
  }

  private ReadControl source() {
    return Objects.requireNonNull(source);
  }

  @Override
  public void request(long n) {
    demand.accumulateAndGet(n, Operators::addCap);
    if (loop.inEventLoop()) {
      pump();
    } else {
      loop.execute(this::pump);
    }
  }

  private void pump() {
    while (!over && inFlight < MOST_IN_FLIGHT && demand.get() > 0) {
      if (demand.get() != Long.MAX_VALUE) {
        demand.decrementAndGet();
      }
      inFlight++;
      source().request(1);
    }
  }

  @Override
  public void cancel() {
    source().cancel();
    if (loop.inEventLoop()) {
      stop();
    } else {
      loop.execute(this::stop);
    }
  }

  private void stop() {
    if (!over) {
      over = true;
      worker.schedule(this::closeTargets);
    }
  }

  @Override
  public void onBytes(ByteBuf chunk) {
    worker.schedule(
        () -> {
          writeToTargets(chunk);
          loop.execute(() -> deliver(chunk));
        });
  }

  private void deliver(ByteBuf chunk) {
    inFlight--;
    if (over) {
      chunk.release();
    } else {
      next.onBytes(chunk);
      pump();
    }
  }

  @Override
  public void onDrained() {
    worker.schedule(() -> loop.execute(next::onDrained));
  }

  @Override
  public void onAbandoned(Descriptor pipe) {
    end(() -> next.onAbandoned(pipe));
  }

  @Override
  public void onEnd(StreamEnd how, @Nullable Throwable error) {
    end(() -> next.onEnd(how, error));
  }

  private void end(Runnable delivery) {
    worker.schedule(
        () -> {
          closeTargets();
          loop.execute(
              () -> {
                over = true;
                delivery.run();
              });
        });
  }

  private void openTargets() {
    for (OutputTarget target : targets) {
      try {
        open.add(target.open());
      } catch (IOException | RuntimeException e) {
        fail(e);
        return;
      }
    }
  }

  private void writeToTargets(ByteBuf chunk) {
    if (broken) {
      return;
    }
    try {
      for (WritableByteChannel channel : open) {
        ByteBuffer bytes = chunk.nioBuffer();
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void fail(Throwable error) {
    broken = true;
    loop.execute(() -> onFailure.accept(error));
  }

  private void closeTargets() {
    for (WritableByteChannel channel : open) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.warn("closing a target of a tee failed, it may be incomplete", e);
      }
    }
    open.clear();
    worker.dispose();
  }
}
