/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Finds the program of a command. A name with a slash is the path itself, relative to the child's
 * working directory. Any other name is looked for in the {@code PATH} that the child will have; its
 * empty and relative entries are passed over, so that the current directory is never searched.
 */
final class ExecutableLookup {
  private static final byte[] DEFAULT_PATH =
      "/usr/local/bin:/usr/bin:/bin".getBytes(StandardCharsets.UTF_8);

  private ExecutableLookup() {}

  /**
   * The path for {@code posix_spawn}, with its NUL.
   *
   * @throws SystemCallException {@code EACCES} if it is there and may not be executed, {@code
   *     ENOENT} if it is nowhere
   */
  static byte[] find(Kernel kernel, String program, List<byte[]> candidates)
      throws SystemCallException {
    int worst = Errno.ENOENT.intValue();
    for (byte[] candidate : candidates) {
      int error = kernel.executable(candidate);
      if (error == 0 && !isDirectory(kernel, candidate)) {
        return candidate;
      }
      if (error == 0 || error == Errno.EACCES.intValue()) {
        worst = Errno.EACCES.intValue();
      } else if (error != Errno.ENOENT.intValue() && error != Errno.ENOTDIR.intValue()) {
        worst = error;
      }
    }
    throw new SystemCallException("access", worst, "find the program " + program);
  }

  /**
   * The paths to try, each with its NUL.
   *
   * @param path the raw bytes of the variable, as directories need not have names in UTF-8; null
   *     where the child will have none
   */
  static List<byte[]> candidates(String program, byte @Nullable [] path) {
    // Each byte becomes one char and back, so that nothing is lost and the text can be split.
    String entries = new String(path == null ? DEFAULT_PATH : path, StandardCharsets.ISO_8859_1);
    String end = "/" + new String(cString(program), StandardCharsets.ISO_8859_1);
    List<byte[]> candidates = new ArrayList<>();
    for (String entry : entries.split(":", -1)) {
      if (entry.startsWith("/")) {
        candidates.add((entry + end).getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return List.copyOf(candidates);
  }

  static byte[] cString(String text) {
    return (text + '\0').getBytes(StandardCharsets.UTF_8);
  }

  /** The kernel follows a trailing slash for directories only, and says ENOTDIR for the rest. */
  private static boolean isDirectory(Kernel kernel, byte[] pathWithNul) {
    byte[] withSlash = Arrays.copyOf(pathWithNul, pathWithNul.length + 1);
    withSlash[pathWithNul.length - 1] = '/';
    return kernel.executable(withSlash) == 0;
  }
}
