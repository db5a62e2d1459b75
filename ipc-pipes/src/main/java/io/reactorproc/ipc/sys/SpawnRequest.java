/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import org.jspecify.annotations.Nullable;

/**
 * All that {@code posix_spawn(3)} needs of one child. Plain data, made on a spawner thread.
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
public record SpawnRequest(
    byte[] path,
    StringBlock argv,
    StringBlock environment,
    byte @Nullable [] directory,
    int[] from,
    int[] to,
    Group group) {

  /** The process group or session of a new child. */
  public enum Group {
    /** A new process group of which the child is the leader. */
    OWN,
    /** The group of the JVM. */
    INHERITED,
    /** A new session, and in it a new process group. */
    SESSION
  }
}
