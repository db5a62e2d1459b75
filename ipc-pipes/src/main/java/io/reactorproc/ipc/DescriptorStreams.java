/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.flow.Medium;
import io.reactorproc.ipc.flow.ReadChannel;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.flow.WriteQueue;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Any descriptor that epoll can watch (pipes, FIFOs, sockets, terminals, eventfds) as a stream.
 * Regular files and {@code /dev/null} are refused by epoll with {@code EPERM}.
 */
public final class DescriptorStreams {
  private DescriptorStreams() {}

  /**
   * Reads a descriptor by demand.
   *
   * <ul>
   *   <li><b>Start:</b> the descriptor is owned by the flux from this call on, set to {@code
   *       O_NONBLOCK} and watched from the subscription on. There is one subscriber; a second one
   *       gets an {@code IllegalStateException}. Without any, the caller closes the descriptor.
   *   <li><b>Demand:</b> each requested element is one {@code read(2)} of 1 to 64 KiB, adapting to
   *       the stream; without demand nothing is read and the writer blocks when the kernel's buffer
   *       is full. A pipe whose stream proves fast is enlarged to 512 KiB where the user's quota
   *       allows it.
   *   <li><b>End:</b> {@code onComplete} at end of file, without demand, too; {@link
   *       SystemCallException} where {@code read} or {@code epoll_ctl} fails.
   *   <li><b>Cancel:</b> closes the descriptor, on the loop, soon after the call.
   *   <li><b>Thread:</b> one event loop. <b>Buffers:</b> pooled and direct; the subscriber releases
   *       each.
   * </ul>
   */
  public static Flux<ByteBuf> read(Descriptor descriptor, EventLoops loops) {
    Objects.requireNonNull(descriptor, "descriptor");
    IoEventLoop loop = loops.next();
    return new Opening(loop, descriptor);
  }

  /** As {@link #read(Descriptor, EventLoops)} on the shared loops. */
  public static Flux<ByteBuf> read(Descriptor descriptor) {
    return read(descriptor, EventLoops.shared());
  }

  /**
   * The writing side of a descriptor, owned by this {@code Mono} from its subscription on and then
   * by its sink. It closes when {@link ByteSink#close()} completes, when the reader is gone, or at
   * a cancel before the sink is there.
   *
   * @return one sink, for one subscriber: a second one gets an {@code IllegalStateException}. A
   *     failure to watch the descriptor is a {@link SystemCallException}, and the descriptor is
   *     closed then
   */
  public static Mono<ByteSink> write(Descriptor descriptor, EventLoops loops) {
    Objects.requireNonNull(descriptor, "descriptor");
    IoEventLoop loop = loops.next();
    AtomicBoolean taken = new AtomicBoolean();
    return Mono.create(
        sink -> {
          if (!taken.compareAndSet(false, true)) {
            sink.error(new IllegalStateException("a descriptor's writing side is made once only"));
            return;
          }
          try {
            loop.execute(() -> openSink(loop, descriptor, sink));
          } catch (RejectedExecutionException shutDown) {
            descriptor.close();
            throw shutDown;
          }
        });
  }

  private static void openSink(IoEventLoop loop, Descriptor descriptor, MonoSink<ByteSink> sink) {
    try {
      Kernel.system().setNonBlocking(descriptor.number(), "write by demand");
      WriteQueue queue = new WriteQueue(loop, descriptor);
      queue.open();
      sink.onCancel(() -> loop.execute(queue::abort));
      sink.success(new ByteSink(queue));
    } catch (SystemCallException | RuntimeException e) {
      descriptor.close();
      sink.error(e);
    }
  }

  /** As {@link #write(Descriptor, EventLoops)} on the shared loops. */
  public static Mono<ByteSink> write(Descriptor descriptor) {
    return write(descriptor, EventLoops.shared());
  }

  /** Puts the descriptor into epoll when its subscriber comes. */
  private static final class Opening extends ChannelFlux {
    private final ReadChannel channel;
    private final Descriptor descriptor;

    Opening(IoEventLoop loop, Descriptor descriptor) {
      super(loop);
      this.descriptor = descriptor;
      channel = new ReadChannel(Kernel.system(), loop, descriptor, Medium.ANY, this);
      bind(channel);
    }

    @Override
    protected void onTaken() {
      try {
        Kernel.system().setNonBlocking(descriptor.number(), "read by demand");
        channel.open();
      } catch (SystemCallException | IllegalStateException e) {
        channel.cancel();
        onEnd(StreamEnd.FAILED, e);
      }
    }
  }
}
