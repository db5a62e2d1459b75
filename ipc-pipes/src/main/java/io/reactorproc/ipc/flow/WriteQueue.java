/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Any number of publishers, written to one descriptor one after the other in the order of their
 * subscriptions. On the loop, except for {@link #write} and {@link #close}.
 */
public final class WriteQueue implements WriteChannel.Listener {
  private final IoEventLoop loop;
  private final WriteChannel channel;
  private final ArrayDeque<WriteJob> waiting = new ArrayDeque<>(2);
  private @Nullable WriteJob active;
  private boolean advancing;
  private @Nullable WriteEnd ended;
  private @Nullable Throwable failure;
  private @Nullable Runnable onEnd;
  private @Nullable Supplier<ByteBuf> farewell;

  /** A queue over a descriptor that it owns from now on and that is {@code O_NONBLOCK}. */
  public WriteQueue(IoEventLoop loop, Descriptor descriptor) {
    this(Kernel.system(), loop, descriptor, Medium.ANY);
  }

  /**
   * As the other one, with a kernel to call.
   *
   * @param medium what the descriptor is known to be
   */
  public WriteQueue(Kernel kernel, IoEventLoop loop, Descriptor descriptor, Medium medium) {
    this.loop = loop;
    this.channel = new WriteChannel(kernel, loop, descriptor, medium, this);
  }

  /** A queue over the writing direction of a socket, whose other one shares the descriptor. */
  public WriteQueue(Duplex duplex, Medium medium) {
    this.loop = duplex.loop;
    this.channel = new WriteChannel(duplex, medium, this);
  }

  /** Starts watching. On the loop, once. */
  public void open() throws SystemCallException {
    channel.open();
  }

  /** Runs once the descriptor is closed, however that came. On the loop, before it happens. */
  public void whenClosed(Runnable action) {
    onEnd = action;
  }

  /**
   * What is written before the descriptor is closed, because a close alone tells its reader
   * nothing. Asked for on the loop, when all else has been accepted.
   */
  public void endWith(Supplier<ByteBuf> last) {
    farewell = last;
  }

  /** Writes a publisher when its turn comes; the outcome is delivered on the loop. Any thread. */
  public Mono<WriteOutcome> write(Publisher<? extends ByteBuf> source) {
    return submit(source);
  }

  /** Closes the descriptor when its turn comes. Any thread. */
  public Mono<WriteOutcome> close() {
    return submit(null);
  }

  private Mono<WriteOutcome> submit(@Nullable Publisher<? extends ByteBuf> source) {
    return Mono.create(
        sink -> {
          WriteJob job = new WriteJob(this, source, sink);
          sink.onCancel(() -> tryOnLoop(job::abandon));
          onLoop(() -> add(job));
        });
  }

  /**
   * Runs an action on the loop, at once where that is here.
   *
   * @throws RejectedExecutionException if the loop was shut down
   */
  void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  private void tryOnLoop(Runnable action) {
    try {
      onLoop(action);
    } catch (RejectedExecutionException shutDown) {
      // Then the channel has ended, and every job with it.
    }
  }

  IoEventLoop loop() {
    return loop;
  }

  /** The descriptor's channel; on the loop. */
  public WriteChannel channel() {
    return channel;
  }

  private void add(WriteJob job) {
    if (job.isOver()) {
      return; // cancelled while it was being subscribed
    }
    WriteEnd end = ended;
    if (end != null) {
      job.channelEnded(end == WriteEnd.COMPLETED ? WriteEnd.READER_GONE : end, failure);
      return;
    }
    waiting.add(job);
    if (active == null) {
      next();
    }
  }

  /** Starts the next job, if there is one; jobs that end at once do not deepen the stack. */
  void next() {
    active = null;
    if (advancing) {
      return;
    }
    advancing = true;
    try {
      while (active == null && ended == null && !waiting.isEmpty()) {
        start(waiting.remove());
      }
    } finally {
      advancing = false;
    }
  }

  private void start(WriteJob job) {
    active = job;
    Publisher<? extends ByteBuf> source = job.source();
    if (source == null) {
      closeWhenWritten();
      return;
    }
    try {
      if (source instanceof Callable<?> single) {
        // Reactor's contract: a publisher with at most one value, to be had without a subscription.
        job.onOnly((ByteBuf) single.call());
      } else {
        source.subscribe(job);
      }
    } catch (Throwable thrown) {
      // A publisher must not throw here; for those that do, it is the source's error.
      job.onError(thrown);
    }
  }

  void remove(WriteJob job) {
    if (active == job) {
      next();
    } else {
      waiting.remove(job);
    }
  }

  /** Closes once all that was accepted is written. On the loop. */
  public void closeWhenWritten() {
    Supplier<ByteBuf> last = farewell;
    if (last != null) {
      channel.write(last.get());
    }
    channel.closeWhenWritten();
  }

  /** Closes at once: pending bytes are dropped, sources cancelled. On the loop. */
  public void abort() {
    if (ended == null) {
      channel.cancel();
      finish(WriteEnd.CANCELLED, null);
    }
  }

  @Override
  public void onProgress() {
    WriteJob current = active;
    if (current != null) {
      current.onProgress();
    }
  }

  @Override
  public void onEnd(WriteEnd how, @Nullable Throwable error) {
    finish(how, error);
  }

  private void finish(WriteEnd how, @Nullable Throwable error) {
    ended = how;
    failure = error;
    WriteJob current = active;
    active = null;
    if (current != null) {
      current.channelEnded(how, error);
    }
    for (WriteJob job = waiting.poll(); job != null; job = waiting.poll()) {
      job.channelEnded(how == WriteEnd.COMPLETED ? WriteEnd.READER_GONE : how, error);
    }
    Runnable action = onEnd;
    if (action != null) {
      action.run();
    }
  }
}
