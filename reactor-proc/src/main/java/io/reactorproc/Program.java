/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.StringBlock;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code execve(2)} needs of a command, computed once and used for each of its children. */
final class Program {
  final StringBlock argv;
  final StringBlock environment;
  final byte @Nullable [] directory;
  private final @Nullable PidPrefix prefix;
  private final String name;
  private final List<byte[]> candidates;

  Program(Settings settings) {
    name = settings.argv.get(0);
    String argv0 = settings.argv0;
    if (argv0 == null) {
      argv = StringBlock.of(settings.argv);
    } else {
      List<String> changed = new ArrayList<>(settings.argv);
      changed.set(0, argv0);
      argv = StringBlock.of(changed);
    }
    Environment announced = settings.announcedEnvironment();
    Pty pty = settings.pty;
    environment = (pty == null ? announced : pty.adapt(announced)).block();
    directory = directory(settings.directory);
    prefix = settings.pidVariables.isEmpty() ? null : new PidPrefix(settings);
    candidates =
        isPath()
            ? List.of(ExecutableLookup.cString(name))
            : ExecutableLookup.candidates(name, settings.environment.get("PATH"));
  }

  /** The empty path is the JVM's own directory, which {@code chdir} would not take. */
  private static byte @Nullable [] directory(@Nullable Path set) {
    return set == null || set.toString().isEmpty() ? null : Strings.cPath(set);
  }

  /** Whether the program is given by a path, so that nothing is looked up. */
  boolean isPath() {
    return name.indexOf('/') >= 0;
  }

  /** The path to execute, with its NUL; looked up anew for each child. */
  byte[] path(Kernel kernel) throws SystemCallException {
    return isPath() ? candidates.get(0) : ExecutableLookup.find(kernel, name, candidates);
  }

  /** What sets variables to the child's own pid and then becomes this program; mostly null. */
  @Nullable PidPrefix prefix() {
    return prefix;
  }

  /** The path as this process reaches it, whatever directory the child is to start in. */
  byte[] pathFromHere(Kernel kernel) throws SystemCallException {
    byte[] path = path(kernel);
    byte[] from = directory;
    if (from == null || path[0] == '/') {
      return path;
    }
    byte[] joined = Arrays.copyOf(from, from.length + path.length);
    joined[from.length - 1] = '/';
    System.arraycopy(path, 0, joined, from.length, path.length);
    return joined;
  }

  String name() {
    return name;
  }
}
