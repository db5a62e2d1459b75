/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * How a client connects to a Unix socket. An immutable value; the methods answer changed copies,
 * and nothing happens before a subscription to {@link #connect()}.
 */
public final class UnixClient {
  private final UnixAddress address;
  private final SocketType type;
  private final Duration patience;
  private final int mostMessage;
  private final @Nullable EventLoops loops;

  private UnixClient(
      UnixAddress address,
      SocketType type,
      Duration patience,
      int mostMessage,
      @Nullable EventLoops loops) {
    this.address = address;
    this.type = type;
    this.patience = patience;
    this.mostMessage = mostMessage;
    this.loops = loops;
  }

  /** A client of the stream socket at this address. */
  public static UnixClient to(UnixAddress address) {
    if (address.isUnnamed()) {
      throw new InvalidUnixAddressException("a client needs the address of its server");
    }
    return new UnixClient(
        address,
        SocketType.STREAM,
        Duration.ofSeconds(10),
        UnixConnection.DEFAULT_MOST_MESSAGE,
        null);
  }

  /** As {@link #to(UnixAddress)} with the address of a file. */
  public static UnixClient to(Path path) {
    return to(UnixAddress.of(path));
  }

  /**
   * The type of the server's socket. A datagram socket is connected, too: each buffer is a
   * datagram, and its sink waits where the receiver's queue is full.
   */
  public UnixClient type(SocketType chosen) {
    Objects.requireNonNull(chosen, "type");
    return new UnixClient(address, chosen, patience, mostMessage, loops);
  }

  /** How long it waits while the server's backlog is full, 10 seconds by default. */
  public UnixClient patience(Duration chosen) {
    Objects.requireNonNull(chosen, "patience");
    return new UnixClient(address, type, chosen, mostMessage, loops);
  }

  /** Bytes of the longest message that is taken, 256 KiB by default. */
  public UnixClient mostMessage(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a message has at least 1 byte: " + bytes);
    }
    return new UnixClient(address, type, patience, bytes, loops);
  }

  /** The loops that connections live on, in turn; the shared ones by default. */
  public UnixClient loops(EventLoops chosen) {
    Objects.requireNonNull(chosen, "loops");
    return new UnixClient(address, type, patience, mostMessage, chosen);
  }

  /**
   * Connects: one connection for each subscription, which its subscriber closes. Done on Reactor's
   * bounded elastic threads, as it looks a path up; a cancel before the connection is there leaves
   * nothing behind.
   *
   * <p>While the server's backlog is full it is tried again, each 1 to 50 ms: the kernel tells a
   * socket that does not block {@code EAGAIN} and has no event for the moment when there is room.
   *
   * @return the connection; errors are {@link SystemCallException}: {@code ENOENT} where there is
   *     no such file, {@code ECONNREFUSED} where its server is dead, {@code EACCES}, {@code
   *     EPROTOTYPE} where it is of another type, {@code EAGAIN} where its backlog stayed full
   */
  public Mono<UnixConnection> connect() {
    return Mono.defer(
        () -> {
          EventLoops chosen = loops;
          IoEventLoop loop = (chosen == null ? EventLoops.shared() : chosen).next();
          return OffLoop.call(
              () -> connectNow(loop), UnixConnection::dispose, UnixClient::isFull, patience);
        });
  }

  /** The kernel has no room for it now: in a backlog, or in the queue of a datagram socket. */
  static boolean isFull(Exception error) {
    return error instanceof SystemCallException failed && failed.is(Errno.EAGAIN);
  }

  private UnixConnection connectNow(IoEventLoop loop) throws SystemCallException {
    Sockets sockets = Sockets.system();
    Descriptor socket = Descriptor.own(sockets.open(type, "make the socket of a client"));
    try {
      int result = sockets.connect(socket.number(), address.name());
      if (result < 0) {
        throw new SystemCallException("connect", -result, "connect to " + address);
      }
      return new UnixConnection(
          sockets,
          loop,
          socket,
          type,
          mostMessage,
          UnixAddress.UNNAMED,
          address,
          sockets.peer(socket.number()));
    } catch (SystemCallException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }
}
