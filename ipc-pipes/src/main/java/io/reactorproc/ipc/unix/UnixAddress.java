/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.sys.Sockets;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The address of a Unix socket: a path, an abstract name, or none. An immutable value; equal are
 * those with the same bytes.
 *
 * <p>A path has room for 107 <em>bytes</em> ({@code unix(7)}), which is checked here and not at the
 * first use. A relative one is relative to the directory that the JVM was started in.
 */
public final class UnixAddress {
  private static final int MOST_BYTES = Sockets.MOST_NAME - 1;
  private static final Charset FILE_NAMES = fileNames();

  /** What a socket has that was not bound: most clients. */
  public static final UnixAddress UNNAMED = new UnixAddress(new byte[0], null);

  /** As it stands in {@code sun_path}, without a closing NUL. */
  private final byte[] name;

  private final @Nullable Path path;

  private UnixAddress(byte[] name, @Nullable Path path) {
    this.name = name;
    this.path = path;
  }

  /**
   * The address of a socket file.
   *
   * @throws InvalidUnixAddressException if it is empty, has more than 107 bytes, or is a path of
   *     another file system than the default one
   */
  public static UnixAddress of(Path path) {
    Objects.requireNonNull(path, "path");
    if (path.getFileSystem() != FileSystems.getDefault()) {
      throw new InvalidUnixAddressException("not a path of the default file system: " + path);
    }
    return new UnixAddress(checked(path.toString().getBytes(FILE_NAMES), path.toString()), path);
  }

  /** As {@link #of(Path)}. */
  public static UnixAddress of(String path) {
    Objects.requireNonNull(path, "path");
    try {
      return of(Path.of(path));
    } catch (InvalidPathException e) {
      throw new InvalidUnixAddressException("not a path: " + e.getReason());
    }
  }

  /**
   * An abstract name, in UTF-8: no file, hence no permissions and no stale rest, and visible to
   * everybody in the same network namespace. Anybody may take a name that is free, so that a client
   * does well to look at {@link UnixConnection#peer()}.
   *
   * @throws InvalidUnixAddressException if it is empty or has more than 107 bytes
   */
  public static UnixAddress abstractName(String name) {
    Objects.requireNonNull(name, "name");
    byte[] bytes = checked(name.getBytes(StandardCharsets.UTF_8), '@' + name);
    byte[] raw = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, raw, 1, bytes.length);
    return new UnixAddress(raw, null);
  }

  private static byte[] checked(byte[] bytes, String shown) {
    if (bytes.length == 0) {
      throw new InvalidUnixAddressException("the address of a Unix socket is empty");
    }
    if (bytes.length > MOST_BYTES) {
      throw new InvalidUnixAddressException(
          "the address of a Unix socket has at most "
              + MOST_BYTES
              + " bytes, this one has "
              + bytes.length
              + ": "
              + shown);
    }
    return bytes;
  }

  /** What the kernel said. */
  static UnixAddress ofName(byte[] name) {
    if (name.length == 0) {
      return UNNAMED;
    }
    return new UnixAddress(name, name[0] == 0 ? null : pathOrNull(name));
  }

  /** A foreign name need not be text in the JVM's charset. */
  private static @Nullable Path pathOrNull(byte[] name) {
    try {
      return Path.of(new String(name, FILE_NAMES));
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** A path as system calls want it. */
  static byte[] cPath(Path path) {
    return (path.toString() + '\0').getBytes(FILE_NAMES);
  }

  private static Charset fileNames() {
    String name = System.getProperty("sun.jnu.encoding", "UTF-8");
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }

  /** The file, where this is the address of one. */
  public Optional<Path> path() {
    return Optional.ofNullable(path);
  }

  /** Whether it is an abstract name. */
  public boolean isAbstract() {
    return name.length > 0 && name[0] == 0;
  }

  /** Whether it is no address at all. */
  public boolean isUnnamed() {
    return name.length == 0;
  }

  byte[] name() {
    return name;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UnixAddress address && Arrays.equals(name, address.name);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(name);
  }

  /** The path, or the abstract name behind an {@code @}, or "unnamed". */
  @Override
  public String toString() {
    if (name.length == 0) {
      return "unnamed";
    }
    return isAbstract()
        ? '@' + new String(name, 1, name.length - 1, StandardCharsets.UTF_8)
        : new String(name, FILE_NAMES);
  }
}
