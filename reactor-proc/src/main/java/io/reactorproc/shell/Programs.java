/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Looks for programs as {@code Command} will, to know beforehand. May block. */
final class Programs {
  private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

  private Programs() {}

  static boolean isThere(String name, @Nullable String path, Path directory) {
    if (name.isEmpty()) {
      return false;
    }
    if (name.indexOf('/') >= 0) {
      return isProgram(directory, name);
    }
    return Arrays.stream((path == null ? DEFAULT_PATH : path).split(":", -1))
        .filter(entry -> entry.startsWith("/"))
        .anyMatch(entry -> isProgram(directory, entry + "/" + name));
  }

  private static boolean isProgram(Path directory, String name) {
    try {
      Path file = directory.resolve(name);
      return Files.isExecutable(file) && !Files.isDirectory(file);
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
