/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.flow.Duplex;
import io.reactorproc.ipc.flow.Medium;
import io.reactorproc.ipc.flow.MessageSocketReader;
import io.reactorproc.ipc.flow.Parcel;
import io.reactorproc.ipc.flow.ReadChannel;
import io.reactorproc.ipc.flow.SocketReader;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.flow.StreamSocketReader;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.flow.WriteQueue;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A connected Unix socket: what the peer sends by demand, and a sink for what it shall get. One
 * descriptor, one entry in epoll and one event loop for both directions.
 *
 * <p>Who has a connection closes it, with {@link #close()} or {@link #dispose()}. It also closes by
 * itself when both directions are over: the peer sends no more or {@link #receive()} was cancelled,
 * and the sink was closed or the peer is gone. May be used from any thread; signals come on the
 * connection's event loop.
 */
public final class UnixConnection implements Disposable {
  /** Bytes of the longest message that is taken unless told otherwise. */
  static final int DEFAULT_MOST_MESSAGE = 256 * 1024;

  private final Sockets sockets;
  private final SocketType type;
  private final UnixAddress local;
  private final UnixAddress remote;
  private final PeerCredentials peer;
  private final IoEventLoop loop;
  private final Duplex duplex;
  private final SocketReader reader;
  private final Receiving receiving;
  private final WriteQueue queue;
  private final ByteSink output;
  private final AtomicBoolean writing = new AtomicBoolean();
  private final Sinks.Empty<Void> closed = Sinks.empty();

  UnixConnection(
      Sockets sockets,
      IoEventLoop loop,
      Descriptor socket,
      SocketType type,
      int mostMessage,
      UnixAddress local,
      UnixAddress remote,
      PeerCredentials peer) {
    this.sockets = sockets;
    this.type = type;
    this.local = local;
    this.remote = remote;
    this.peer = peer;
    this.loop = loop;
    duplex = new Duplex(sockets, loop, socket);
    duplex.whenClosed(closed::tryEmitEmpty);
    reader =
        type.keepsMessages()
            ? new MessageSocketReader(sockets, socket, mostMessage)
            : new StreamSocketReader(sockets, socket);
    receiving = new Receiving();
    queue =
        new WriteQueue(duplex, type.keepsMessages() ? Medium.MESSAGE_SOCKET : Medium.STREAM_SOCKET);
    output = new ByteSink(queue);
  }

  /**
   * Takes over a connected Unix socket that came from elsewhere: inherited, received, one of a
   * pair. It is set to {@code O_NONBLOCK}, for all that share its open file description.
   *
   * @throws SystemCallException {@code ENOTSOCK}, {@code ENOTCONN}; the descriptor is closed then
   * @throws IllegalArgumentException if it is a socket, but not a Unix one; it is closed, too
   */
  public static UnixConnection of(Descriptor socket, EventLoops loops) throws SystemCallException {
    Objects.requireNonNull(loops, "loops");
    Sockets sockets = Sockets.system();
    try {
      int fd = socket.number();
      SocketType type = typeOf(sockets, fd);
      UnixAddress remote = UnixAddress.ofName(sockets.peerName(fd));
      UnixAddress local = UnixAddress.ofName(sockets.name(fd));
      PeerCredentials peer = sockets.peer(fd);
      Kernel.system().setNonBlocking(fd, "use a socket by demand");
      IoEventLoop loop = loops.next();
      return new UnixConnection(
          sockets, loop, socket, type, DEFAULT_MOST_MESSAGE, local, remote, peer);
    } catch (SystemCallException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** As {@link #of(Descriptor, EventLoops)} on the shared loops. */
  public static UnixConnection of(Descriptor socket) throws SystemCallException {
    return of(socket, EventLoops.shared());
  }

  private static SocketType typeOf(Sockets sockets, int fd) throws SystemCallException {
    int domain = sockets.option(fd, Sockets.DOMAIN);
    if (domain < 0) {
      throw new SystemCallException("getsockopt(SO_DOMAIN)", -domain, "take over a socket");
    }
    int number = sockets.option(fd, Sockets.TYPE);
    for (SocketType type : SocketType.values()) {
      if (domain == Sockets.UNIX && type.number() == number) {
        return type;
      }
    }
    throw new IllegalArgumentException("not a Unix socket: family " + domain + ", type " + number);
  }

  /** Whether the connection keeps the borders between messages. */
  public SocketType type() {
    return type;
  }

  /** Who is on the other side, as of the moment it connected, or listened. */
  public PeerCredentials peer() {
    return peer;
  }

  /** This side's address; that of the server on its side, mostly none on the client's. */
  public UnixAddress localAddress() {
    return local;
  }

  /** The peer's address; that of the server on the client's side, mostly none on the server's. */
  public UnixAddress remoteAddress() {
    return remote;
  }

  /**
   * What the peer sends.
   *
   * <ul>
   *   <li><b>Start:</b> bytes wait in the kernel until the subscription. There is one subscriber to
   *       this or to {@link #messages()}; a second one gets an {@code IllegalStateException}.
   *   <li><b>Demand:</b> each element is one {@code recvmsg(2)}: 1 to 64 KiB of a stream, adapting
   *       to it, or one whole message of a seqpacket or datagram socket, which may be empty. No
   *       demand, no read: the peer blocks when the kernel's buffer is full.
   *   <li><b>End:</b> {@code onComplete} when the peer has closed or half-closed, without demand,
   *       too. {@link SystemCallException} where reading fails: {@code ECONNRESET} where the peer
   *       closed without having read all that it was sent. {@link
   *       io.reactorproc.ipc.flow.MessageTooLongException} at a message that is longer than the
   *       limit. {@code ClosedChannelException} after {@link #close()} on this side.
   *   <li><b>Cancel:</b> shuts this direction down: what the peer writes from then on is refused
   *       with {@code EPIPE}. The other direction goes on.
   *   <li><b>Descriptors</b> that the peer sends along are closed by the kernel and never get a
   *       number here.
   *   <li><b>Buffers:</b> pooled and direct; the subscriber releases each.
   * </ul>
   */
  public Flux<ByteBuf> receive() {
    return receiving;
  }

  /**
   * As {@link #receive()}, with the descriptors that come along. Those of undelivered messages are
   * closed at a cancel, and who has a message releases it. On a stream socket they come with the
   * chunk that has the first byte they were sent with, and bytes sent before may precede it there;
   * nothing that was sent after them is in that chunk.
   *
   * <p>{@link io.reactorproc.ipc.flow.DescriptorsLostException} ends the stream where descriptors
   * are missing, as this process is at its limit of open ones.
   */
  public Flux<UnixMessage> messages() {
    return Flux.defer(
        () -> {
          if (!receiving.isTaken()) {
            receiving.withDescriptors = true;
          }
          return receiving.map(chunk -> new UnixMessage(chunk, reader.takeDescriptors()));
        });
  }

  /**
   * The sink for what the peer shall get. Each buffer is one message where the socket keeps them;
   * empty ones are not sent. Its {@code close()} half-closes: the peer reads end of file.
   */
  public ByteSink output() {
    if (writing.compareAndSet(false, true)) {
      onLoop(this::watchWriter);
    }
    return output;
  }

  private void watchWriter() {
    try {
      queue.open();
    } catch (SystemCallException | RuntimeException e) {
      abort(e);
    }
  }

  /**
   * Sends descriptors with at least one byte. It is written in its turn, as the sink's writes are.
   * Each subscription sends copies of the descriptors, which are made at that moment: the caller
   * keeps his own, and may close them once this has completed.
   *
   * @return the outcome; errors are {@code IllegalStateException} if a descriptor is closed, {@link
   *     SystemCallException} {@code EMFILE} if there is no room for the copies, {@code
   *     ETOOMANYREFS} if too many are on their way
   * @throws IllegalArgumentException if there are no bytes, or more than 253 descriptors
   */
  public Mono<WriteOutcome> send(byte[] bytes, Descriptor... descriptors) {
    check(bytes.length, descriptors.length);
    List<Descriptor> originals = List.of(descriptors);
    return output()
        .write(
            Mono.fromCallable(
                () -> new Parcel(sockets, Unpooled.wrappedBuffer(bytes), copies(originals))));
  }

  /**
   * Sends messages as they come, bytes and descriptors, and owns each of them: it is released, and
   * its descriptors closed, when the kernel has taken it. One without bytes, or with more than 253
   * descriptors, is an {@code IllegalArgumentException} that cancels the source.
   */
  public Mono<WriteOutcome> send(Publisher<UnixMessage> messages) {
    return output().write(Flux.from(messages).map(this::parcel));
  }

  private ByteBuf parcel(UnixMessage message) {
    try {
      List<Descriptor> descriptors = message.descriptors();
      if (!descriptors.isEmpty()) {
        check(message.bytes().readableBytes(), descriptors.size());
        return new Parcel(sockets, message.bytes().retain(), message.takeDescriptors());
      }
      return message.bytes().retain();
    } finally {
      message.release();
    }
  }

  private static void check(int bytes, int descriptors) {
    if (bytes == 0) {
      throw new IllegalArgumentException("descriptors travel with at least one byte");
    }
    if (descriptors > SocketMessage.MOST_DESCRIPTORS) {
      throw new IllegalArgumentException(
          "at most "
              + SocketMessage.MOST_DESCRIPTORS
              + " descriptors travel with a message, not "
              + descriptors);
    }
  }

  private static List<Descriptor> copies(List<Descriptor> originals) throws SystemCallException {
    List<Descriptor> copies = new ArrayList<>(originals.size());
    try {
      for (Descriptor original : originals) {
        copies.add(
            Descriptor.own(Kernel.system().duplicate(original.number(), 0, "send a descriptor")));
      }
      return copies;
    } catch (SystemCallException | RuntimeException e) {
      copies.forEach(Descriptor::close);
      throw e;
    }
  }

  /**
   * Half-closes: when the writes subscribed before are done, the peer reads end of file; what it
   * sends still comes.
   */
  public Mono<Void> shutdownOutput() {
    return output().close();
  }

  /**
   * Closes both directions at once. What the kernel has taken reaches the peer; writes that wait
   * end with {@link WriteOutcome#readerGone()}, and {@link #receive()} with a {@code
   * ClosedChannelException}. Starts with the subscription and completes when the descriptor is
   * closed; repeating it does nothing more.
   */
  public Mono<Void> close() {
    return Mono.defer(
        () -> {
          dispose();
          return closed();
        });
  }

  /** As {@link #close()}, without waiting. */
  @Override
  public void dispose() {
    onLoop(() -> abort(new ClosedChannelException()));
  }

  @Override
  public boolean isDisposed() {
    return !duplex.descriptor().isOpen();
  }

  /** Completes when the descriptor is closed, however that comes. */
  public Mono<Void> closed() {
    return closed.asMono();
  }

  private void abort(Exception reason) {
    receiving.channel.fail(reason);
    queue.abort();
  }

  private void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
      return;
    }
    try {
      loop.execute(action);
    } catch (RejectedExecutionException shutDown) {
      // The loop has closed what it watched; a descriptor that it never watched is closed here.
      duplex.descriptor().close();
      closed.tryEmitEmpty();
    }
  }

  @Override
  public String toString() {
    return "UnixConnection[" + local + ", " + remote + ", " + peer + "]";
  }

  /** Puts the descriptor into epoll when its subscriber comes. */
  private final class Receiving extends ChannelFlux {
    final ReadChannel channel;

    /** Whether the subscriber wants descriptors. Written before the subscription. */
    volatile boolean withDescriptors;

    Receiving() {
      super(loop);
      channel = new ReadChannel(duplex, reader, this);
      bind(channel);
    }

    @Override
    protected void onTaken() {
      if (withDescriptors) {
        reader.acceptDescriptors();
      }
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
