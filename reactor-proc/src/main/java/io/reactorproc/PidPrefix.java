/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.StringBlock;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The shell before a program that is told its own pid. It sets the variables and executes the
 * program, which is the same process then.
 *
 * <p>{@code sh} looks the name up once more, so that {@code argv[0]} is what it would have been.
 * Two things it cannot do: take another {@code argv[0]}, and pass over the entries of {@code PATH}
 * that are not absolute, as {@link ExecutableLookup} does. There {@code bash} gets the path that
 * was found.
 */
final class PidPrefix {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Shells export these of their own: what the child was not to have is taken away again. */
  private static final List<String> SET_BY_SHELLS = List.of("PWD", "OLDPWD", "SHLVL");

  private static final byte[] SH = ExecutableLookup.cString("/bin/sh");

  private final boolean named;
  private final List<byte[]> beforeTheProgram;
  private final List<byte[]> arguments;
  private final List<byte[]> bashes;
  private final @Nullable StringBlock argv;

  PidPrefix(Settings settings) {
    String program = settings.argv.get(0);
    byte[] path = settings.environment.get("PATH");
    this.named =
        settings.argv0 != null || (program.indexOf('/') < 0 && !hasAbsoluteEntriesOnly(path));
    String exports =
        settings.pidVariables.stream()
            .map(name -> "export " + name + "=$$; ")
            .collect(Collectors.joining());
    String unset =
        SET_BY_SHELLS.stream()
            .filter(name -> settings.environment.get(name) == null)
            .map(name -> "unset " + name + "; ")
            .collect(Collectors.joining());
    String argv0 = settings.argv0 == null ? program : settings.argv0;
    this.beforeTheProgram =
        named
            ? bytes("bash", "-c", exports + unset + "exec -a \"$0\" \"$@\"", argv0)
            : bytes("sh", "-c", exports + unset + "exec \"$@\"", "sh");
    this.arguments = bytes(settings.argv.toArray(String[]::new));
    this.bashes = ExecutableLookup.candidates("bash", path);
    this.argv = named ? null : block(arguments.get(0));
  }

  static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidCommandException(
          "a shell cannot set a variable of this name: '" + name + "'");
    }
  }

  private static boolean hasAbsoluteEntriesOnly(byte @Nullable [] path) {
    return path != null
        && Arrays.stream(new String(path, StandardCharsets.ISO_8859_1).split(":", -1))
            .allMatch(entry -> entry.startsWith("/"));
  }

  private static List<byte[]> bytes(String... strings) {
    return Arrays.stream(strings).map(s -> s.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** The shell's path, with its NUL. */
  byte[] path(Kernel kernel) throws SystemCallException {
    return named ? ExecutableLookup.find(kernel, "bash", bashes) : SH;
  }

  /**
   * The shell's argument vector.
   *
   * @param found the program's path, with its NUL
   */
  StringBlock argv(byte[] found) {
    return argv != null ? argv : block(Arrays.copyOf(found, found.length - 1));
  }

  private StringBlock block(byte[] program) {
    List<byte[]> all = new ArrayList<>(beforeTheProgram);
    all.add(program);
    all.addAll(arguments.subList(1, arguments.size()));
    return StringBlock.ofBytes(all);
  }
}
