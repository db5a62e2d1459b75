/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * How a datagram socket is made. An immutable value; the methods answer changed copies, and nothing
 * happens before a subscription to {@link #bind()}. Its file, its directory and who is let in are
 * as {@link UnixServer} has them; here the sender of each datagram is asked for, and datagrams of
 * others are dropped and counted.
 */
public final class UnixDatagrams {
  private final UnixAddress address;
  private final Set<PosixFilePermission> permissions;
  private final @Nullable UnixAccess access;
  private final int mostMessage;
  private final @Nullable EventLoops loops;

  private UnixDatagrams(
      UnixAddress address,
      Set<PosixFilePermission> permissions,
      @Nullable UnixAccess access,
      int mostMessage,
      @Nullable EventLoops loops) {
    this.address = address;
    this.permissions = permissions;
    this.access = access;
    this.mostMessage = mostMessage;
    this.loops = loops;
  }

  /** A socket with the defaults at this address. */
  public static UnixDatagrams at(UnixAddress address) {
    if (address.isUnnamed()) {
      throw new InvalidUnixAddressException("a socket that receives datagrams needs an address");
    }
    return new UnixDatagrams(
        address,
        PosixFilePermissions.fromString("rw-------"),
        null,
        UnixConnection.DEFAULT_MOST_MESSAGE,
        null);
  }

  /** As {@link #at(UnixAddress)} with the address of a file. */
  public static UnixDatagrams at(Path path) {
    return at(UnixAddress.of(path));
  }

  /** Who may send by the mode of the file, such as {@code rw-rw----}, exactly. */
  public UnixDatagrams permissions(String mode) {
    return new UnixDatagrams(
        address, PosixFilePermissions.fromString(mode), access, mostMessage, loops);
  }

  /** Whose datagrams are delivered; this user's and root's by default. */
  public UnixDatagrams access(UnixAccess allowed) {
    Objects.requireNonNull(allowed, "access");
    return new UnixDatagrams(address, permissions, allowed, mostMessage, loops);
  }

  /** Bytes of a datagram that are taken, 256 KiB by default; a longer one is truncated. */
  public UnixDatagrams mostMessage(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a message has at least 1 byte: " + bytes);
    }
    return new UnixDatagrams(address, permissions, access, bytes, loops);
  }

  /** The loops that one is chosen of; the shared ones by default. */
  public UnixDatagrams loops(EventLoops chosen) {
    Objects.requireNonNull(chosen, "loops");
    return new UnixDatagrams(address, permissions, access, mostMessage, chosen);
  }

  UnixAccess access() {
    return access == null ? UnixAccess.ownUser() : access;
  }

  int mostMessage() {
    return mostMessage;
  }

  /**
   * Binds: one socket for each subscription, which its subscriber closes. Done on Reactor's bounded
   * elastic threads; a cancel before the socket is there leaves nothing behind.
   *
   * @return the socket; errors are {@link UnixBindException}, {@link
   *     io.reactorproc.ipc.sys.SystemCallException} and what the file system has to say
   */
  public Mono<UnixDatagramSocket> bind() {
    return Mono.defer(
        () -> {
          Sockets sockets = Sockets.system();
          EventLoops chosen = loops == null ? EventLoops.shared() : loops;
          SocketFile file = new SocketFile(sockets, address, SocketType.DATAGRAM, permissions);
          return SocketFile.start(
              () -> UnixDatagramSocket.over(this, file.bind(0), sockets, chosen.next()),
              UnixDatagramSocket::dispose);
        });
  }
}
