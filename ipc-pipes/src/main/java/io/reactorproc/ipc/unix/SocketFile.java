/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Binds a socket to its address, and takes the file away at the end. Blocks; never on an event
 * loop.
 *
 * <p>Starters take turns by a lock on the directory ({@code flock}), which ends with its holder and
 * leaves no file. Under it, a name is free, or belongs to a live socket, or to a dead one, which is
 * replaced. Which one is asked by a connect of a <em>datagram</em> socket: a live stream socket,
 * listening already or not yet, refuses it with {@code EPROTOTYPE} and its server sees nothing; a
 * dead one with {@code ECONNREFUSED}.
 *
 * <p>The mode of the file is that of the socket, which {@code fchmod} sets before there is a name:
 * {@code bind} creates the file with it, less the umask, so that no moment of wider permissions
 * exists and the umask, which belongs to the whole process, stays as it is.
 */
final class SocketFile {
  private static final int O_RDONLY = 0;
  private static final int TRIES = 8;
  private static final Duration PATIENCE_WITH_STARTERS = Duration.ofSeconds(10);
  private static final int TYPE_MASK = 0170000;
  private static final int SOCKET = 0140000;
  private static final int STICKY = 01000;
  private static final int OTHERS_WRITE = 0002;

  private final Sockets sockets;
  private final UnixAddress address;
  private final SocketType type;
  private final Set<PosixFilePermission> permissions;

  SocketFile(
      Sockets sockets, UnixAddress address, SocketType type, Set<PosixFilePermission> permissions) {
    this.sockets = sockets;
    this.address = address;
    this.type = type;
    this.permissions = permissions;
  }

  /**
   * A bound socket.
   *
   * @param identity the device and inode of its file; null for an abstract name
   */
  record Bound(UnixAddress address, Descriptor socket, @Nullable FileId identity) {
    /**
     * Removes the file if it is still this socket's, then closes: until then nobody replaces it.
     */
    void close() {
      Path file = address.path().orElse(null);
      try {
        if (file != null && identity != null && identity.equals(FileId.of(file))) {
          Files.deleteIfExists(file);
        }
      } catch (IOException | RuntimeException e) {
        // What is left is a dead socket's file, which the next start replaces.
      } finally {
        socket.close();
      }
    }
  }

  /** Which file it is, whatever its name. */
  record FileId(long device, long inode, int mode) {
    static @Nullable FileId of(Path file) throws IOException {
      try {
        Map<String, Object> found =
            Files.readAttributes(file, "unix:dev,ino,mode", LinkOption.NOFOLLOW_LINKS);
        return new FileId(
            (long) Objects.requireNonNull(found.get("dev")),
            (long) Objects.requireNonNull(found.get("ino")),
            (int) Objects.requireNonNull(found.get("mode")));
      } catch (NoSuchFileException e) {
        return null;
      }
    }

    boolean isSocket() {
      return (mode & TYPE_MASK) == SOCKET;
    }

    boolean isSameFile(FileId other) {
      return device == other.device && inode == other.inode;
    }
  }

  /**
   * Binds, and listens where there is a backlog.
   *
   * @param backlog how many may wait to be accepted; 0 for a socket that does not listen
   * @throws DirectoryBusyException if another starter is at work in the directory
   */
  Bound bind(int backlog) throws IOException {
    Path file = address.path().orElse(null);
    if (file == null) {
      return bindAbstract(backlog);
    }
    Path directory = Objects.requireNonNullElse(file.getParent(), Path.of("."));
    prepare(directory);
    Descriptor lock = lock(directory);
    try {
      Descriptor socket = open();
      try {
        return bindFile(socket, file, backlog);
      } catch (IOException | RuntimeException e) {
        socket.close();
        throw e;
      }
    } finally {
      lock.close();
    }
  }

  /** Makes something bound, and waits for another starter in the directory, some milliseconds. */
  static <T> Mono<T> start(Callable<T> work, Consumer<? super T> dispose) {
    return OffLoop.call(
        work, dispose, DirectoryBusyException.class::isInstance, PATIENCE_WITH_STARTERS);
  }

  private Bound bindAbstract(int backlog) throws IOException {
    Descriptor socket = open();
    try {
      int result = sockets.bind(socket.number(), address.name());
      if (result == -Errno.EADDRINUSE.intValue()) {
        throw inUse();
      }
      check(result, "bind");
      listen(socket, backlog);
      return new Bound(address, socket, null);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private Descriptor open() throws SystemCallException {
    Descriptor socket = Descriptor.own(sockets.open(type, "make the socket of a server"));
    if (type == SocketType.DATAGRAM) {
      // Before there is a name to send to: the kernel notes who sends at the moment of sending.
      sockets.setOption(socket.number(), Sockets.PASS_CREDENTIALS, 1);
    }
    return socket;
  }

  private Bound bindFile(Descriptor socket, Path file, int backlog) throws IOException {
    check(sockets.setMode(socket.number(), mode()), "fchmod");
    for (int tries = 1; ; tries++) {
      int result = sockets.bind(socket.number(), address.name());
      if (result != -Errno.EADDRINUSE.intValue() || tries == TRIES) {
        check(result, "bind");
        break;
      }
      removeIfDead(file);
    }
    Bound bound = new Bound(address, socket, FileId.of(file));
    try {
      if (!Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS).equals(permissions)) {
        // The umask took away what was asked for.
        Files.setPosixFilePermissions(file, permissions);
      }
      listen(socket, backlog);
      return new Bound(address, socket, FileId.of(file));
    } catch (IOException | RuntimeException e) {
      bound.close();
      throw e;
    }
  }

  private int mode() {
    String letters = PosixFilePermissions.toString(permissions);
    int mode = 0;
    for (int i = 0; i < letters.length(); i++) {
      mode = mode << 1 | (letters.charAt(i) == '-' ? 0 : 1);
    }
    return mode;
  }

  private void listen(Descriptor socket, int backlog) throws SystemCallException {
    if (backlog > 0) {
      sockets.listen(socket.number(), backlog, "listen at " + address);
    }
  }

  /** A directory that is not there is made, for this user only. */
  private void prepare(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    int mode = (int) Files.getAttribute(directory, "unix:mode");
    if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
      throw new UnixBindException(
          address,
          UnixBindException.Reason.UNSAFE_DIRECTORY,
          "everybody may replace files in the directory of " + address);
    }
  }

  private Descriptor lock(Path directory) throws IOException {
    byte[] name = UnixAddress.cPath(directory);
    int opened = Kernel.system().open(name, O_RDONLY, 0, "lock the directory of a socket");
    Descriptor lock = Descriptor.own(opened);
    int result = sockets.lock(lock.number());
    if (result == 0) {
      return lock;
    }
    lock.close();
    if (result == -Errno.EAGAIN.intValue()) {
      throw new DirectoryBusyException(address);
    }
    throw new SystemCallException("flock", -result, "lock the directory of " + address);
  }

  private void removeIfDead(Path file) throws IOException {
    FileId found = FileId.of(file);
    if (found == null) {
      return;
    }
    if (!found.isSocket()) {
      throw new UnixBindException(
          address,
          UnixBindException.Reason.NOT_A_SOCKET,
          "there is something that is no socket at " + address);
    }
    if (!isDead()) {
      throw inUse();
    }
    FileId still = FileId.of(file);
    if (still != null && still.isSameFile(found)) {
      Files.deleteIfExists(file);
    }
  }

  private boolean isDead() throws SystemCallException {
    try (Descriptor probe =
        Descriptor.own(sockets.open(SocketType.DATAGRAM, "look for a live server"))) {
      int result = sockets.connect(probe.number(), address.name());
      if (result == -Errno.EACCES.intValue()) {
        throw new SystemCallException("connect", -result, "see whether " + address + " is alive");
      }
      return result == -Errno.ECONNREFUSED.intValue();
    }
  }

  private UnixBindException inUse() {
    return new UnixBindException(
        address, UnixBindException.Reason.IN_USE, "a live socket has the address " + address);
  }

  private void check(int result, String call) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, -result, "give a socket the address " + address);
    }
  }
}
