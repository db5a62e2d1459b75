/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.util.ReferenceCountUtil;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How a server of a Unix socket is made. An immutable value; the methods answer changed copies, and
 * nothing happens before a subscription to {@link #bind()}, {@link #connections()} or {@link
 * #serve}.
 *
 * <p>Unless told otherwise: a stream socket whose file only this user may use from its first
 * instant ({@code 0600}); a missing directory is made with {@code 0700}; only this user and root
 * are let in. The file of a dead server is replaced; a live one, and anything that is no socket, is
 * a {@link UnixBindException}. Servers that start at the same time take turns by a lock on the
 * directory, so that none steals the other's name.
 */
public final class UnixServer {
  private final Name name;
  private final Manner manner;

  /** What it binds to. */
  private record Name(
      UnixAddress address, SocketType type, int backlog, Set<PosixFilePermission> permissions) {}

  /** How it treats who connects. */
  private record Manner(
      @Nullable UnixAccess access,
      UnixServerObserver observer,
      int mostMessage,
      @Nullable EventLoops loops) {}

  private UnixServer(Name name, Manner manner) {
    this.name = name;
    this.manner = manner;
  }

  /** A server with the defaults at this address. */
  public static UnixServer at(UnixAddress address) {
    if (address.isUnnamed()) {
      throw new InvalidUnixAddressException("a server needs an address");
    }
    return new UnixServer(
        new Name(address, SocketType.STREAM, 128, PosixFilePermissions.fromString("rw-------")),
        new Manner(null, new UnixServerObserver() {}, UnixConnection.DEFAULT_MOST_MESSAGE, null));
  }

  /** As {@link #at(UnixAddress)} with the address of a file. */
  public static UnixServer at(Path path) {
    return at(UnixAddress.of(path));
  }

  /**
   * {@link SocketType#STREAM}, as it is by default, or {@link SocketType#SEQPACKET}.
   *
   * @throws IllegalArgumentException for datagrams, which {@link UnixDatagrams} is for
   */
  public UnixServer type(SocketType type) {
    if (type == SocketType.DATAGRAM) {
      throw new IllegalArgumentException("datagrams have no connections: see UnixDatagrams");
    }
    return new UnixServer(new Name(name.address, type, name.backlog, name.permissions), manner);
  }

  /** How many may wait to be accepted, 128 by default; the kernel has a limit of its own. */
  public UnixServer backlog(int connections) {
    if (connections < 1) {
      throw new IllegalArgumentException("a backlog is at least 1: " + connections);
    }
    return new UnixServer(new Name(name.address, name.type, connections, name.permissions), manner);
  }

  /**
   * Who may connect by the mode of the file, such as {@code rw-rw----}; writing is what counts. It
   * is exact, whatever the umask. A wider one needs a wider {@link #access} too.
   *
   * @throws IllegalArgumentException if the text is no mode
   */
  public UnixServer permissions(String permissions) {
    Set<PosixFilePermission> parsed = PosixFilePermissions.fromString(permissions);
    return new UnixServer(new Name(name.address, name.type, name.backlog, parsed), manner);
  }

  /** Who is let in, by what the kernel says of the peer; this user and root by default. */
  public UnixServer access(UnixAccess access) {
    Objects.requireNonNull(access, "access");
    return new UnixServer(
        name, new Manner(access, manner.observer, manner.mostMessage, manner.loops));
  }

  /** Who learns of refused peers, of pauses and of handlers that failed. */
  public UnixServer observer(UnixServerObserver observer) {
    Objects.requireNonNull(observer, "observer");
    return new UnixServer(
        name, new Manner(manner.access, observer, manner.mostMessage, manner.loops));
  }

  /** Bytes of the longest message that a seqpacket connection takes, 256 KiB by default. */
  public UnixServer mostMessage(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a message has at least 1 byte: " + bytes);
    }
    return new UnixServer(name, new Manner(manner.access, manner.observer, bytes, manner.loops));
  }

  /** The loops that connections live on, in turn; the shared ones by default. */
  public UnixServer loops(EventLoops loops) {
    Objects.requireNonNull(loops, "loops");
    return new UnixServer(
        name, new Manner(manner.access, manner.observer, manner.mostMessage, loops));
  }

  UnixAccess access() {
    UnixAccess chosen = manner.access;
    return chosen == null ? UnixAccess.ownUser() : chosen;
  }

  UnixServerObserver observer() {
    return manner.observer;
  }

  SocketType socketType() {
    return name.type;
  }

  int mostMessage() {
    return manner.mostMessage;
  }

  /**
   * Binds and listens: one listener for each subscription, which its subscriber closes. The work is
   * done on Reactor's bounded elastic threads, as it looks paths up. A cancel before the listener
   * is there leaves nothing behind.
   *
   * @return the listener; errors are {@link UnixBindException}, {@link
   *     io.reactorproc.ipc.sys.SystemCallException} and what the file system has to say
   */
  public Mono<UnixListener> bind() {
    return Mono.defer(
        () -> {
          EventLoops loops = manner.loops == null ? EventLoops.shared() : manner.loops;
          return bind(Sockets.system(), loops);
        });
  }

  Mono<UnixListener> bind(Sockets sockets, EventLoops loops) {
    SocketFile file = new SocketFile(sockets, name.address, name.type, name.permissions);
    return SocketFile.start(
        () -> new UnixListener(this, file.bind(name.backlog), sockets, loops),
        UnixListener::dispose);
  }

  /**
   * Binds, and delivers who connects, as {@link UnixListener#connections()}. One listener for each
   * subscription; a cancel closes it.
   */
  public Flux<UnixConnection> connections() {
    return Flux.usingWhen(bind(), UnixListener::connections, UnixListener::close);
  }

  /**
   * Serves each connection with a handler, so many at a time: more wait in the backlog. A
   * connection is closed when its handler has completed; what its completed writes sent reaches the
   * peer. A handler that fails is told to the observer, and the server goes on. A cancel closes the
   * listener and the connections.
   *
   * @param handler its publisher's elements are dropped, and released where they are counted
   */
  public Mono<Void> serve(
      Function<? super UnixConnection, ? extends Publisher<?>> handler, int atATime) {
    Objects.requireNonNull(handler, "handler");
    return connections()
        .flatMap(connection -> handle(connection, handler), atATime, 1)
        .doOnDiscard(UnixConnection.class, UnixConnection::dispose)
        .then();
  }

  private Mono<Void> handle(
      UnixConnection connection, Function<? super UnixConnection, ? extends Publisher<?>> handler) {
    return Mono.usingWhen(
            Mono.just(connection), each -> handler(handler.apply(each)), UnixConnection::close)
        .onErrorResume(
            error -> {
              manner.observer.onHandlerFailed(connection, error);
              return Mono.empty();
            });
  }

  private static <T> Mono<Void> handler(Publisher<T> publisher) {
    return Flux.from(publisher).doOnNext(ReferenceCountUtil::release).then();
  }
}
