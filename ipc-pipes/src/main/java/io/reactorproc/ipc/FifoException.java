/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Fifo} could not be made, opened or removed: which one, why, and the call that failed.
 */
public final class FifoException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What was wrong. */
  public enum Reason {
    /** There is something at the path already ({@code EEXIST}). */
    EXISTS,
    /** There is nothing at the path, or a directory on the way is missing ({@code ENOENT}). */
    MISSING,
    /** The path, or one before it in the path, is no directory ({@code ENOTDIR}). */
    NOT_A_DIRECTORY,
    /** Another kind of file is at the path. It was not opened. */
    NOT_A_FIFO,
    /** A symbolic link is at the path, whether it leads somewhere or not. It was not followed. */
    SYMBOLIC_LINK,
    /** The permissions are against it ({@code EACCES}, {@code EPERM}, {@code EROFS}). */
    DENIED,
    /** Something else, such as {@code EMFILE}: see {@link FifoException#getCause()}. */
    OTHER
  }

  private final String path;
  private final Reason reason;

  private FifoException(
      Path path, Reason reason, @Nullable String message, @Nullable SystemCallException cause) {
    super("FIFO " + path + ": " + message, cause);
    this.path = path.toString();
    this.reason = reason;
  }

  static FifoException of(Path path, SystemCallException failure) {
    return new FifoException(path, reason(failure), failure.getMessage(), failure);
  }

  static FifoException of(Path path, Reason reason, String message) {
    return new FifoException(path, reason, message, null);
  }

  private static Reason reason(SystemCallException failure) {
    return switch (Errno.valueOf(failure.errno())) {
      case EEXIST -> Reason.EXISTS;
      case ENOENT -> Reason.MISSING;
      case ENOTDIR -> Reason.NOT_A_DIRECTORY;
      case ELOOP -> Reason.SYMBOLIC_LINK;
      case EACCES, EPERM, EROFS -> Reason.DENIED;
      default -> Reason.OTHER;
    };
  }

  /** The path that was asked for. */
  public Path path() {
    return Path.of(path);
  }

  /** What was wrong. */
  public Reason reason() {
    return reason;
  }
}
