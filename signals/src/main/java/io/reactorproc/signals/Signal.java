/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

/**
 * One of Linux's 64 signals, by number and name.
 *
 * <p>The numbers are those of Linux on x86-64 and AArch64, which agree, see {@code signal(7)}.
 * There is exactly one instance for each number, so {@code ==}, {@link #equals} and the natural
 * order, by number, agree, and none of the ways to get one allocates.
 *
 * <p>A value only names a signal. Whether this JVM can listen to it is another matter: {@link
 * Signals#on} says so.
 */
public final class Signal implements Comparable<Signal> {
  /** The number of {@code SIGRTMIN} as glibc presents it: 32 and 33 serve its own threads. */
  static final int FIRST_REAL_TIME = 34;

  static final int LAST = 64;

  private static final Signal[] KNOWN = table();

  /** The controlling terminal hung up; by convention, a daemon reads its configuration again. */
  public static final Signal SIGHUP = KNOWN[1];

  /** Interrupt from the keyboard, Ctrl-C. */
  public static final Signal SIGINT = KNOWN[2];

  /** Quit from the keyboard, Ctrl-\\; HotSpot answers it with a thread dump. */
  public static final Signal SIGQUIT = KNOWN[3];

  /** Illegal instruction. */
  public static final Signal SIGILL = KNOWN[4];

  /** Trace or breakpoint trap. */
  public static final Signal SIGTRAP = KNOWN[5];

  /** From {@code abort(3)}; also known as SIGIOT. */
  public static final Signal SIGABRT = KNOWN[6];

  /** Bad memory access, such as past the end of a mapped file. */
  public static final Signal SIGBUS = KNOWN[7];

  /** Erroneous arithmetic. */
  public static final Signal SIGFPE = KNOWN[8];

  /** Ends a process; nothing can catch, block or ignore it. */
  public static final Signal SIGKILL = KNOWN[9];

  /** For the program's own use. */
  public static final Signal SIGUSR1 = KNOWN[10];

  /** Invalid memory reference. */
  public static final Signal SIGSEGV = KNOWN[11];

  /** For the program's own use, but see {@link Signals} for what HotSpot does with it. */
  public static final Signal SIGUSR2 = KNOWN[12];

  /** Write to a pipe or socket that nobody reads. */
  public static final Signal SIGPIPE = KNOWN[13];

  /** Timer of {@code alarm(2)}. */
  public static final Signal SIGALRM = KNOWN[14];

  /** The polite request to end. */
  public static final Signal SIGTERM = KNOWN[15];

  /** Stack fault of a coprocessor; unused by today's kernels. */
  public static final Signal SIGSTKFLT = KNOWN[16];

  /** A child exited, stopped or continued; also known as SIGCLD. */
  public static final Signal SIGCHLD = KNOWN[17];

  /** Continue if stopped. */
  public static final Signal SIGCONT = KNOWN[18];

  /** Stops a process; nothing can catch, block or ignore it. */
  public static final Signal SIGSTOP = KNOWN[19];

  /** Stop from the keyboard, Ctrl-Z. */
  public static final Signal SIGTSTP = KNOWN[20];

  /** Background process read from its terminal. */
  public static final Signal SIGTTIN = KNOWN[21];

  /** Background process wrote to its terminal. */
  public static final Signal SIGTTOU = KNOWN[22];

  /** Urgent data on a socket. */
  public static final Signal SIGURG = KNOWN[23];

  /** Soft limit of processor time exceeded. */
  public static final Signal SIGXCPU = KNOWN[24];

  /** Limit of file size exceeded. */
  public static final Signal SIGXFSZ = KNOWN[25];

  /** Virtual timer of {@code setitimer(2)}. */
  public static final Signal SIGVTALRM = KNOWN[26];

  /** Profiling timer of {@code setitimer(2)}. */
  public static final Signal SIGPROF = KNOWN[27];

  /** The terminal's window changed its size. */
  public static final Signal SIGWINCH = KNOWN[28];

  /** I/O is possible; also known as SIGPOLL. */
  public static final Signal SIGIO = KNOWN[29];

  /** Power is failing. */
  public static final Signal SIGPWR = KNOWN[30];

  /** Bad system call, as from a seccomp filter. */
  public static final Signal SIGSYS = KNOWN[31];

  private final int number;
  private final String name;

  private Signal(int number, String name) {
    this.number = number;
    this.name = name;
  }

  /**
   * The signal of a number, such as the one in a child's wait status.
   *
   * @param number 1 to 64; 32 and 33, which glibc keeps for its threads, are named {@code SIG32}
   *     and {@code SIG33}
   * @throws IllegalArgumentException if there is no such signal
   */
  public static Signal of(int number) {
    if (number < 1 || number > LAST) {
      throw new IllegalArgumentException(
          "no such signal: " + number + " (they are 1 to " + LAST + ")");
    }
    return KNOWN[number];
  }

  /**
   * The real-time signal {@code SIGRTMIN+n}.
   *
   * @param n 0 to 30
   * @throws IllegalArgumentException if n is outside that
   */
  public static Signal realTime(int n) {
    if (n < 0 || n > LAST - FIRST_REAL_TIME) {
      throw new IllegalArgumentException(
          "no such real-time signal: SIGRTMIN+"
              + n
              + " (they are +0 to +"
              + (LAST - FIRST_REAL_TIME)
              + ")");
    }
    return KNOWN[FIRST_REAL_TIME + n];
  }

  /**
   * Reads what a person writes for a signal: {@code TERM}, {@code SIGTERM}, {@code 15}, {@code
   * RTMIN+3}, {@code SIGRTMAX-1}, or one of the old names {@code CLD}, {@code IOT} and {@code
   * POLL}. Upper and lower case are the same; blanks are not removed.
   *
   * @throws IllegalArgumentException if no signal is written so; the message contains the text
   */
  public static Signal parse(String text) {
    return SignalNames.parse(text);
  }

  /** The number, 1 to 64. */
  public int number() {
    return number;
  }

  /**
   * The full name: {@code SIGTERM}, {@code SIGRTMIN}, {@code SIGRTMIN+3}. {@link #parse} reads it.
   */
  public String name() {
    return name;
  }

  /**
   * Whether this is one of {@code SIGRTMIN} to {@code SIGRTMAX}, which queue and do not coalesce.
   */
  public boolean isRealTime() {
    return number >= FIRST_REAL_TIME;
  }

  @Override
  public int compareTo(Signal other) {
    return Integer.compare(number, other.number);
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }

  private static Signal[] table() {
    Signal[] table = new Signal[LAST + 1];
    for (int number = 1; number <= LAST; number++) {
      table[number] = new Signal(number, SignalNames.of(number));
    }
    return table;
  }
}
