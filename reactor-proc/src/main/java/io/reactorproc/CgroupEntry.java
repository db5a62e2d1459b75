/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.unix.FileDescriptor;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.cgroup.CgroupException;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.StringBlock;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import jnr.constants.platform.Errno;

/**
 * How a child gets into its cgroup before its program begins: a shell moves itself there and then
 * becomes the program. A move by us after the spawn would come too late for what the program has
 * forked by then, and {@code posix_spawnattr_setcgroup_np} is in no C library before glibc 2.39.
 *
 * <p>The program sees what it would see without: {@code argv[0]}, environment, descriptors,
 * directory, signals, pid and process group. {@code sh} is dash on many systems, which cannot give
 * another {@code argv[0]} than the name and drops environment variables whose names are no
 * identifiers; where one of the two matters, bash is asked for in its place, which sets {@code
 * SHLVL=0} where the environment has none, and drops {@code _}, in which shells note the last word.
 *
 * <p>Variables that are to hold the child's pid are set by the same shell, in the place of a {@link
 * PidPrefix}.
 *
 * <p>The shell has a pipe of ours at one more descriptor, which is closed with its exec; what it
 * writes there before is the code of what went wrong, so that a program that cannot be executed
 * remains a failed start.
 */
final class CgroupEntry {
  /** The shell could not move itself. */
  private static final int NOT_MOVED = 125;

  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int O_NONBLOCK = 0x800;
  private static final byte[] SH = ExecutableLookup.cString("/bin/sh");
  private static final byte[] BASH = ExecutableLookup.cString("/bin/bash");

  /**
   * $1 is the cgroup, $2 the PWD of the environment, which shells set, and $3 the argv[0] that bash
   * is to give. In dash a failing exec ends the shell, and the trap tells why; bash has to be told
   * to go on to the end.
   */
  private static final String SCRIPT =
      """
      trap 'echo $? >&9' EXIT
      { echo 0 >"$1/cgroup.procs"; } 2>/dev/null || exit 125
      if [ "$2" ]; then export PWD="$2"; else unset PWD; fi
      if [ "${BASH_VERSION-}" ]; then shopt -s execfail; fi
      EXPORTS
      name=$3; shift 3
      { EXEC; } 9>&-
      """;

  private static final String PLAIN = SCRIPT.replace("EXEC", "exec \"$@\"");
  private static final String NAMED = SCRIPT.replace("EXEC", "exec -a \"$name\" -- \"$@\"");

  /** The shell to start, with its closing NUL. */
  final byte[] path;

  /** What the shell is given. */
  final StringBlock argv;

  private CgroupEntry(byte[] path, StringBlock argv) {
    this.path = path;
    this.argv = argv;
  }

  /**
   * Makes the start of a program by way of a shell.
   *
   * @param program the path that was found, with its closing NUL
   * @param gate the descriptor of the shell that tells, 3 to 9
   */
  static CgroupEntry of(Command command, byte[] program, Cgroup cgroup, int gate, Kernel kernel)
      throws SystemCallException {
    checkFormat(command.program(), kernel);
    Settings settings = command.settings();
    byte[] path = Arrays.copyOf(program, program.length - 1);
    byte[] name = bytes(settings.argv0 == null ? settings.argv.get(0) : settings.argv0);
    boolean inPath = name.length > 0 && name[0] != '-' && settings.environment.hasPlainPath();
    byte[] word = command.program().isPath() || !inPath || settings.argv0 != null ? path : name;
    boolean plain = Arrays.equals(word, name) && word[0] != '-';
    boolean bash = !plain || !settings.environment.hasOnlyIdentifiers();
    if (bash && kernel.executable(BASH) != 0) {
      throw new SystemCallException(
          "access",
          Errno.ENOENT.intValue(),
          "find bash, which a cgroup takes where argv[0] or a variable's name is unusual");
    }
    List<byte[]> words = new ArrayList<>(settings.argv.size() + 8);
    words.add(bytes("sh"));
    if (bash) {
      words.add(bytes("-p")); // functions in the environment are not for this shell
    }
    words.add(bytes("-c"));
    String exports =
        settings.pidVariables.stream()
            .map(variable -> "export " + variable + "=$$")
            .collect(Collectors.joining("; "));
    String script = (plain ? PLAIN : NAMED).replace('9', (char) ('0' + gate));
    words.add(bytes(script.replace("EXPORTS", exports)));
    words.add(bytes("sh"));
    words.add(bytes(cgroup.directory().toString()));
    byte[] pwd = settings.environment.get("PWD");
    words.add(pwd == null ? new byte[0] : pwd);
    words.add(name);
    words.add(word);
    settings.argv.stream().skip(1).map(CgroupEntry::bytes).forEach(words::add);
    return new CgroupEntry(bash ? BASH : SH, StringBlock.ofBytes(words));
  }

  /**
   * Descriptor numbers that a shell can redirect are of one digit.
   *
   * @param taken those of the child, ascending
   */
  static int gate(List<Wiring.Port> taken) throws CgroupException {
    for (int number = 9; number >= 3; number--) {
      int candidate = number;
      if (taken.stream().noneMatch(port -> port.descriptor() == candidate)) {
        return number;
      }
    }
    throw new CgroupException(
        CgroupException.Reason.ENTER,
        "a child that gets a cgroup needs one of the descriptors 3 to 9 for itself at its start",
        null);
  }

  /** What the code of the gate means. */
  static Exception failure(int code, Cgroup cgroup) {
    return switch (code) {
      case NOT_FOUND ->
          new SystemCallException("execve", Errno.ENOENT.intValue(), "start the child");
      case NOT_EXECUTABLE ->
          new SystemCallException("execve", Errno.EACCES.intValue(), "start the child");
      case NOT_MOVED ->
          new CgroupException(
              CgroupException.Reason.ENTER, "the kernel lets no process into " + cgroup, null);
      default ->
          new CgroupException(
              CgroupException.Reason.ENTER, "the child did not get through " + cgroup, null);
    };
  }

  /**
   * A shell takes a file without {@code #!} for a script, {@code posix_spawn} does not: looked at
   * before. What cannot be read, or may be a format that somebody registered, is left to the
   * kernel.
   */
  private static void checkFormat(Program program, Kernel kernel) throws SystemCallException {
    int number;
    try {
      number = kernel.open(program.pathFromHere(kernel), O_NONBLOCK, 0, "look at the program");
    } catch (SystemCallException e) {
      return;
    }
    ByteBuffer head = ByteBuffer.allocateDirect(4);
    try {
      int read = new FileDescriptor(number).read(head, 0, 4);
      boolean known =
          read == 4 && (head.getInt(0) == 0x7F454C46 || (head.get(0) == '#' && head.get(1) == '!'));
      if (!known && !isAnyRegistered()) {
        throw new SystemCallException("execve", Errno.ENOEXEC.intValue(), "start the child");
      }
    } catch (SystemCallException e) {
      throw e;
    } catch (IOException e) {
      // a directory, or a device: the kernel will say so
    } finally {
      kernel.close(number);
    }
  }

  private static boolean isAnyRegistered() {
    try (var entries = Files.list(Path.of("/proc/sys/fs/binfmt_misc"))) {
      return entries.count() > 2; // beside "register" and "status"
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
