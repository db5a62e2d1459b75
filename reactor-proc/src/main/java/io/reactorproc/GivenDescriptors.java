/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Which of the descriptors 0 to 2 this JVM was given. A JVM that was started with one of them
 * closed opens its own files under that number: the modules of the JDK or a jar of the class path,
 * some of them as inheritable as a real stdin.
 */
final class GivenDescriptors {
  private GivenDescriptors() {}

  /** Whether a child can inherit it, and should. On a spawner thread. */
  static boolean contain(Kernel kernel, int fd) {
    return kernel.isInheritable(fd) && !isFileOfTheJvm(fd);
  }

  private static boolean isFileOfTheJvm(int fd) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
      return target.startsWith(Path.of(System.getProperty("java.home")).toRealPath())
          || isOnClassPath(target);
    } catch (IOException | InvalidPathException e) {
      return false; // no file, or none that can be named
    }
  }

  private static boolean isOnClassPath(Path target) throws IOException {
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
      if (Files.isRegularFile(Path.of(entry)) && Path.of(entry).toRealPath().equals(target)) {
        return true;
      }
    }
    return false;
  }
}
