/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.PipeRelay;
import io.reactorproc.ipc.flow.TapPipe;
import io.reactorproc.ipc.flow.WriteEnd;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A tap between two pipes at work. The counters may be read from any thread, while it flows, too.
 *
 * <p>The observer's stream is {@link #bytes()} or {@link #chunks()}, with one subscriber in all:
 *
 * <ul>
 *   <li><b>Demand:</b> each element is one {@code read(2)} of the observer's own pipe. What a lack
 *       of demand does is said by {@link Tap#exact()} and {@link Tap#lossy()}.
 *   <li><b>End:</b> when nothing flows any more and all that was copied has been delivered, without
 *       demand, too. An error of {@code tee} ends the observer's stream only and what flows goes
 *       on; an error of {@code splice} ends both.
 *   <li><b>Cancel:</b> closes the observer's pipe; what flows goes on without it.
 *   <li><b>Thread:</b> one event loop. <b>Buffers:</b> pooled and direct; the subscriber releases
 *       each.
 * </ul>
 */
public final class RunningTap implements Disposable {
  private final IoEventLoop loop;
  private final TapPipe pipe;
  private final PipeRelay relay;
  private final Sinks.One<WriteOutcome> end = Sinks.one();

  private RunningTap(
      Kernel kernel,
      IoEventLoop loop,
      Descriptor from,
      Descriptor to,
      TapPipe pipe,
      boolean mayGrow) {
    this.loop = loop;
    this.pipe = pipe;
    this.relay = new PipeRelay(kernel, loop, from, to, pipe, mayGrow, this::ended);
  }

  /**
   * Starts the flow, for this project's own modules; users get taps from {@link DescriptorStreams}.
   * On the loop.
   *
   * @param mayGrow whether the two pipes are enlarged once the stream proves fast
   * @throws SystemCallException if one of the two is no pipe or epoll refuses one; everything,
   *     {@code pipe} included, is closed then
   */
  public static RunningTap start(
      Kernel kernel,
      IoEventLoop loop,
      Descriptor from,
      Descriptor to,
      TapPipe pipe,
      boolean mayGrow)
      throws SystemCallException {
    RunningTap tap = new RunningTap(kernel, loop, from, to, pipe, mayGrow);
    tap.relay.open();
    return tap;
  }

  private void ended(WriteEnd how, @Nullable Throwable error) {
    if (error == null) {
      end.tryEmitValue(new WriteOutcome(relay.passed(), how == WriteEnd.READER_GONE));
    } else {
      end.tryEmitError(error);
    }
  }

  /** What the observer sees. */
  public Flux<ByteBuf> bytes() {
    return pipe.stream();
  }

  /**
   * What the observer sees, with the place of each piece. A gap after the last piece is told by no
   * chunk: when it is over, what was not {@link #seen()} was {@link #missed()}.
   */
  public Flux<TapChunk> chunks() {
    return pipe.stream()
        .map(bytes -> new TapChunk(pipe.chunkOffset(), pipe.gapBeforeChunk(), bytes));
  }

  /** Bytes moved from the one pipe into the other. */
  public long passed() {
    return relay.passed();
  }

  /**
   * Bytes that the observer was given. Where the reader went away, a few of them may not have
   * passed.
   */
  public long seen() {
    return pipe.seen();
  }

  /**
   * Bytes that passed unseen as the observer was too slow. What passes after its cancel is not
   * counted.
   */
  public long missed() {
    return pipe.missed();
  }

  /**
   * How the flow ended, for any number of subscribers: the bytes that passed, and whether it was
   * the reader who went away. The observer may still have something to read. An error is that of
   * {@code splice(2)} or {@code epoll_ctl(2)}. Cancelling does nothing to the flow; after {@link
   * #dispose()} it is a {@code CancellationException}.
   */
  public Mono<WriteOutcome> end() {
    return end.asMono();
  }

  /**
   * Ends the flow: closes both pipes at once. The writer gets SIGPIPE, the reader end of file after
   * what it has, and the observer its end after what was copied, which nobody can subscribe to any
   * more who has not by now. Repeating does nothing.
   */
  @Override
  public void dispose() {
    onLoop(
        () -> {
          relay.cancel();
          pipe.ignore();
          end.tryEmitError(new CancellationException("the tap was disposed of"));
        });
  }

  /**
   * Says that nobody will observe: what flows goes on, and only {@link #passed()} counts. Does
   * nothing where somebody has subscribed.
   */
  public void ignore() {
    onLoop(pipe::ignore);
  }

  private void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
      return;
    }
    try {
      loop.execute(action);
    } catch (RejectedExecutionException shutDown) {
      // Then the loop has closed what it watched.
    }
  }
}
