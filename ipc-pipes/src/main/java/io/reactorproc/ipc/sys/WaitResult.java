/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * What {@code waitid(2)} said of one child. The raw numbers of the kernel; the process module turns
 * them into an exit status.
 */
public final class WaitResult {
  /** {@code WNOHANG}. */
  static final int NO_HANG = 1;

  /** {@code WSTOPPED}: report a stop. */
  public static final int STOPPED = 2;

  /** {@code WEXITED}: report, and reap, an exit. */
  public static final int EXITED = 4;

  /** {@code WCONTINUED}: report that a stopped child goes on. */
  public static final int CONTINUED = 8;

  /** {@code WNOWAIT}: only look, and leave the child to be waited for. */
  public static final int NO_WAIT = 0x01000000;

  /** What happened to the child. */
  public enum Kind {
    /** Nothing to report now. */
    NOTHING,
    /** The child called exit: {@link #value()} is the code. */
    EXITED,
    /** A signal ended it: {@link #value()} is the signal. */
    KILLED,
    /** As {@link #KILLED}, and a core was dumped. */
    DUMPED,
    /** A signal stopped it: {@link #value()} is the signal. */
    STOPPED,
    /** It goes on after a stop. */
    CONTINUED,
    /** It is not our child any more ({@code ECHILD}): somebody else took the status. */
    LOST
  }

  /** Nothing to report. */
  public static final WaitResult NOTHING = new WaitResult(Kind.NOTHING, 0, Usage.NONE);

  /** The status was taken by somebody else. */
  public static final WaitResult LOST = new WaitResult(Kind.LOST, 0, Usage.NONE);

  private final Kind kind;
  private final int value;
  private final Usage usage;

  /** Makes a result; the kernel does, and tests of the seam. */
  public WaitResult(Kind kind, int value, Usage usage) {
    this.kind = kind;
    this.value = value;
    this.usage = usage;
  }

  /** What happened. */
  public Kind kind() {
    return kind;
  }

  /** The exit code or the signal number, by {@link #kind()}. */
  public int value() {
    return value;
  }

  /** What the child used, filled for an exit. */
  public Usage usage() {
    return usage;
  }

  /**
   * The kernel's {@code struct rusage} of a reaped child and of the children it waited for itself.
   *
   * @param userMicros CPU time in user mode, in microseconds
   * @param systemMicros CPU time in the kernel, in microseconds
   * @param maxRssBytes largest resident set of one of them, in bytes
   * @param minorFaults page faults served without I/O
   * @param majorFaults page faults served with I/O
   * @param blocksIn block input operations, 512 bytes each
   * @param blocksOut block output operations, 512 bytes each
   * @param voluntarySwitches context switches by waiting
   * @param involuntarySwitches context switches by losing the processor
   */
  public record Usage(
      long userMicros,
      long systemMicros,
      long maxRssBytes,
      long minorFaults,
      long majorFaults,
      long blocksIn,
      long blocksOut,
      long voluntarySwitches,
      long involuntarySwitches) {
    /** Nothing known. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
