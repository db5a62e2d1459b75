/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/**
 * One stage of a finished {@link Pipeline}. Immutable.
 *
 * @param position where it stands, counted from 0 and with the stages in Java
 * @param command what it ran, escaped for reading as a shell would write it
 * @param success whether it ended well: its command's {@link ExitPolicy} accepts the status, or
 *     SIGPIPE ended it and the stage that read from it ended well
 * @param process pid, status and counters, and what was captured of it
 * @param stderr head and tail of its stderr, where that came through the JVM
 */
public record StageResult(
    int position, String command, boolean success, ProcessResult process, StderrExcerpt stderr) {

  /**
   * The pid that the child had, which may belong to another process by now; 0 where the stage was a
   * job of several.
   */
  public int pid() {
    return process.pid();
  }

  /** How the child ended, and what it used; the last one, where the stage was a job of several. */
  public ExitStatus status() {
    return process.status();
  }

  @Override
  public String toString() {
    return "stage " + (position + 1) + ", " + command + ": " + status();
  }
}
