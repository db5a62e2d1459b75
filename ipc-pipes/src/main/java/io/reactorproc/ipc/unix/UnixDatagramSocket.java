/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.flow.ReadChannel;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * A bound datagram socket: receives from everybody who is allowed, sends to any address. Who has it
 * closes it, which removes its file if that is still its own. May be used from any thread. To send
 * many to one address, {@link UnixClient} with a datagram type is made.
 */
public final class UnixDatagramSocket implements Disposable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Sockets sockets;
  private final SocketFile.Bound bound;
  private final IoEventLoop loop;
  private final DatagramReader reader;
  private final Receiving receiving;

  /** 1 for the owner and 1 for each send that is at it; who takes the last one away closes. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final AtomicBoolean disposed = new AtomicBoolean();
  private final Sinks.Empty<Void> closed = Sinks.empty();

  private UnixDatagramSocket(
      UnixDatagrams settings,
      SocketFile.Bound bound,
      Descriptor readingCopy,
      Sockets sockets,
      IoEventLoop loop) {
    this.sockets = sockets;
    this.bound = bound;
    this.loop = loop;
    reader = new DatagramReader(sockets, readingCopy, settings.access(), settings.mostMessage());
    receiving = new Receiving(readingCopy);
  }

  /** A socket over what was bound; its reading side is a copy, which a cancel may close. */
  static UnixDatagramSocket over(
      UnixDatagrams settings, SocketFile.Bound bound, Sockets sockets, IoEventLoop loop)
      throws SystemCallException {
    try {
      int fd = bound.socket().number();
      int copy = Kernel.system().duplicate(fd, 0, "receive datagrams");
      return new UnixDatagramSocket(settings, bound, Descriptor.own(copy), sockets, loop);
    } catch (SystemCallException | RuntimeException e) {
      bound.close();
      throw e;
    }
  }

  /** Where it receives. */
  public UnixAddress address() {
    return bound.address();
  }

  /** How many datagrams were dropped, as their senders are not allowed. */
  public long refused() {
    return reader.refused();
  }

  /**
   * The datagrams that come.
   *
   * <ul>
   *   <li><b>Start:</b> they wait in the kernel until the subscription. There is one subscriber; a
   *       second one gets an {@code IllegalStateException}.
   *   <li><b>Demand:</b> each element is one {@code recvmsg(2)}. No demand, no read: the queue
   *       fills ({@code net.unix.max_dgram_qlen}), and senders wait or get {@code EAGAIN}.
   *   <li><b>End:</b> {@code ClosedChannelException} after {@link #close()}; {@link
   *       SystemCallException} where reading fails.
   *   <li><b>Cancel:</b> ends the receiving for good; sending goes on.
   *   <li><b>Ownership:</b> the subscriber releases each datagram.
   * </ul>
   */
  public Flux<UnixDatagram> receive() {
    return receiving.mapNotNull(reader::datagram);
  }

  /**
   * Sends one datagram, with copies of descriptors if there are any: the caller keeps his own. Done
   * on Reactor's bounded elastic threads, as it looks a path up. While the receiver's queue is full
   * it is tried again, each 1 to 50 ms and for 10 seconds at most: the kernel has no event for that
   * on a socket that is not connected. Sends do not wait for each other.
   *
   * @return completes when the kernel has taken it; errors are {@link SystemCallException}: {@code
   *     ENOENT}, {@code ECONNREFUSED}, {@code EMSGSIZE}, {@code EAGAIN} where the queue stayed full
   */
  public Mono<Void> send(byte[] bytes, UnixAddress to, Descriptor... descriptors) {
    Objects.requireNonNull(bytes, "bytes");
    if (to.isUnnamed()) {
      throw new InvalidUnixAddressException("a datagram needs an address to go to");
    }
    Descriptor[] carried = descriptors.clone();
    return OffLoop.call(() -> sendNow(bytes, to, carried), done -> {}, UnixClient::isFull, PATIENCE)
        .then();
  }

  private boolean sendNow(byte[] bytes, UnixAddress to, Descriptor[] carried)
      throws SystemCallException, ClosedChannelException {
    if (!acquire()) {
      throw new ClosedChannelException();
    }
    ByteBuf memory =
        PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
    try {
      int[] numbers = new int[carried.length];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = carried[i].number();
      }
      SocketMessage message =
          SocketMessage.ofThread().clear().to(to.name()).withDescriptors(numbers);
      long address = SocketMessage.addressOf(memory, 0);
      int result = sockets.send(bound.socket().number(), address, bytes.length, message);
      if (result < 0) {
        throw new SystemCallException("sendmsg", -result, "send a datagram to " + to);
      }
      return true;
    } finally {
      memory.release();
      release();
    }
  }

  private boolean acquire() {
    return users.getAndUpdate(now -> now == 0 ? 0 : now + 1) > 0;
  }

  private void release() {
    if (users.decrementAndGet() == 0) {
      bound.close();
      closed.tryEmitEmpty();
    }
  }

  /** Removes the file and closes; starts with the subscription, repeating it does nothing more. */
  public Mono<Void> close() {
    return Mono.defer(
        () -> {
          dispose();
          return closed.asMono();
        });
  }

  /** As {@link #close()}, without waiting. */
  @Override
  public void dispose() {
    if (!disposed.compareAndSet(false, true)) {
      return;
    }
    try {
      loop.execute(
          () -> {
            receiving.channel.fail(new ClosedChannelException());
            releaseOffLoop();
          });
    } catch (RejectedExecutionException shutDown) {
      receiving.copy.close();
      releaseOffLoop();
    }
  }

  /** The last one to release removes the file, which looks a path up. */
  private void releaseOffLoop() {
    try {
      Schedulers.boundedElastic().schedule(this::release);
    } catch (RejectedExecutionException shutDown) {
      release();
    }
  }

  @Override
  public boolean isDisposed() {
    return disposed.get();
  }

  @Override
  public String toString() {
    return "UnixDatagramSocket[" + address() + "]";
  }

  /** Puts the descriptor into epoll when its subscriber comes. */
  private final class Receiving extends ChannelFlux {
    final ReadChannel channel;
    final Descriptor copy;

    Receiving(Descriptor copy) {
      super(loop);
      this.copy = copy;
      channel = new ReadChannel(loop, copy, reader, this);
      bind(channel);
    }

    @Override
    protected void onTaken() {
      if (channel.isDone()) {
        return;
      }
      try {
        channel.open();
      } catch (SystemCallException | RuntimeException e) {
        channel.cancel();
        onEnd(StreamEnd.FAILED, e);
      }
    }
  }
}
