/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** All that {@code posix_spawn(3)} needs of one child. Plain data, made on a spawner thread. */
public final class SpawnRequest {
  final byte[] path;
  final StringBlock argv;
  final StringBlock environment;
  final byte @Nullable [] directory;
  final int[] from;
  final int[] to;
  final Group group;
  final int leader;

  /** The path of a terminal that the child opens; null for none. */
  final byte @Nullable [] terminal;

  /** A terminal that the child's group comes into the foreground of; -1 for none. */
  final int foreground;

  /** The process group or session of a new child. */
  public enum Group {
    /** A new process group of which the child is the leader. */
    OWN,
    /** The group of the JVM. */
    INHERITED,
    /** A new session, and in it a new process group. */
    SESSION,
    /** The group that another child leads, running or not, as long as it is not reaped. */
    JOINED
  }

  /**
   * Makes a request; the arrays are not copied.
   *
   * @param path the executable's path with its closing NUL; no look-up happens
   * @param argv the argument vector
   * @param environment {@code NAME=value} strings
   * @param directory the working directory with its closing NUL, or null for the JVM's own
   * @param from descriptors of this process, each duplicated onto the number at the same index of
   *     {@code to}; none of them is a number that occurs in {@code to}
   * @param to the child's descriptor numbers, ascending
   * @param group which process group the child joins
   */
  public SpawnRequest(
      byte[] path,
      StringBlock argv,
      StringBlock environment,
      byte @Nullable [] directory,
      int[] from,
      int[] to,
      Group group) {
    this(path, argv, environment, directory, from, to, group, 0);
  }

  /**
   * Makes a request for a child that may join another's group.
   *
   * @param leader the pid of the leader where the group is {@link Group#JOINED}; {@code setpgid}
   *     refuses with {@code EPERM} where nobody is in that group any more
   */
  public SpawnRequest(
      byte[] path,
      StringBlock argv,
      StringBlock environment,
      byte @Nullable [] directory,
      int[] from,
      int[] to,
      Group group,
      int leader) {
    this(path, argv, environment, directory, from, to, group, leader, null, -1);
  }

  private SpawnRequest(
      byte[] path,
      StringBlock argv,
      StringBlock environment,
      byte @Nullable [] directory,
      int[] from,
      int[] to,
      Group group,
      int leader,
      byte @Nullable [] terminal,
      int foreground) {
    this.path = path;
    this.argv = argv;
    this.environment = environment;
    this.directory = directory;
    this.from = from;
    this.to = to;
    this.group = group;
    this.leader = leader;
    this.terminal = terminal;
    this.foreground = foreground;
  }

  /**
   * As this, with the child's process group in the foreground of its controlling terminal before it
   * executes; for those that lead one, and where {@link Capabilities#foreground()} says so.
   *
   * @param descriptor that terminal, open in this process
   */
  public SpawnRequest inForegroundOf(int descriptor) {
    return new SpawnRequest(
        path, argv, environment, directory, from, to, group, leader, terminal, descriptor);
  }

  /**
   * The same request for a child of a new session that opens this terminal as its descriptor 0,
   * before everything else. The leader of a session without a terminal gets it as its controlling
   * terminal by that.
   *
   * @param terminal its path with a closing NUL; {@code from} may hold 0 then, and {@code to} not
   */
  public SpawnRequest onTerminal(byte[] terminal) {
    return new SpawnRequest(
        path, argv, environment, directory, from, to, Group.SESSION, 0, terminal, foreground);
  }

  /** Bytes of native memory that the strings take. */
  int nativeSize() {
    return StringBlock.align(path.length)
        + (directory == null ? 0 : StringBlock.align(directory.length))
        + (terminal == null ? 0 : StringBlock.align(terminal.length))
        + StringBlock.align(argv.nativeSize())
        + StringBlock.align(environment.nativeSize());
  }

  /** Whether these are the very strings of the other one, not only equal ones. */
  boolean hasStringsOf(SpawnRequest other) {
    return argv == other.argv
        && environment == other.environment
        && directory == other.directory
        && Arrays.equals(terminal, other.terminal)
        && Arrays.equals(path, other.path);
  }
}
