/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import java.util.List;

/**
 * One library's way through the workloads. Each method is a round, blocks until the last child is
 * reaped, and throws where a status, a byte or a count is not what it must be.
 */
interface Peer {
  /** Starts children and reaps them, so many at a time, until the time is over; their number. */
  long spawn(List<String> command, int inFlight, Deadline deadline) throws Exception;

  /** As {@link #spawn}, with {@code /dev/null} for the three descriptors of each child. */
  long spawnUnpiped(List<String> command, int inFlight, Deadline deadline) throws Exception;

  /** As {@link #spawn}, with all that each child writes. */
  long capture(List<String> command, String expect, int inFlight, Deadline deadline)
      throws Exception;

  /** Counts what a child writes. */
  Stream output(List<String> command) throws Exception;

  /** Writes so many bytes of the {@link Pattern} to a child and reads them back. */
  Stream echo(List<String> command, long bytes) throws Exception;

  /** Sends 64 bytes and awaits them, one after the other; the time of each, in nanoseconds. */
  long[] roundTrips(List<String> command, int count) throws Exception;

  /** Counts the lines of a child's output in one of the forms that the library has. */
  Lines lines(List<String> command, String form) throws Exception;

  /** What the last of several commands says, each one's output the input of the next. */
  String pipeline(List<List<String>> commands) throws Exception;

  /** Starts children that stay, each with its stdout and stderr being watched. */
  Crowd crowd(List<String> command, int count) throws Exception;

  /** From the time that a child wrote as its last act to its exit event, in nanoseconds. */
  long[] exits(List<String> command, int count) throws Exception;

  /** The code of a child, for the check that codes are seen at all. */
  int exitCode(List<String> command) throws Exception;

  /** Whether no thread ends after the warm-up, so that counts by thread lose nothing. */
  boolean keepsItsThreads();

  /**
   * What came.
   *
   * @param bytes how many bytes
   * @param reads in how many pieces
   */
  record Stream(long bytes, long reads) {}

  /**
   * What came as lines.
   *
   * @param count how many lines
   * @param bytes their bytes, terminators included
   */
  record Lines(long count, long bytes) {}

  /** Live children. */
  interface Crowd {
    /** SIGKILL to each; answers when the last one's exit was told. */
    void kill() throws Exception;
  }
}
