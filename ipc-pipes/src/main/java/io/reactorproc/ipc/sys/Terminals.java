/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The seam to the terminals of the system, real ones and pseudo-terminals: {@code pts(4)}, {@code
 * termios(3)}, {@code ioctl_tty(2)}. None of these calls waits, except for {@link #open}, which
 * belongs on a thread that may. On the master of a pseudo-terminal they get and set what its slave
 * has, so that nobody needs to open that.
 */
public interface Terminals {
  /** The terminals of this machine. */
  static Terminals system() {
    return LinuxTerminals.instance();
  }

  /**
   * Makes a pseudo-terminal: {@code posix_openpt(3)}, {@code grantpt(3)}, {@code unlockpt(3)}.
   *
   * @return the number of its master, {@code O_NONBLOCK} and {@code FD_CLOEXEC}
   */
  int open() throws SystemCallException;

  /** The path of the slave with a closing NUL: {@code ptsname_r(3)}. */
  byte[] slave(int master) throws SystemCallException;

  /** Whether it is a terminal: {@code isatty(3)}. */
  boolean isTerminal(int fd);

  /** {@code tcgetattr(3)}. */
  TerminalAttributes attributes(int fd) throws SystemCallException;

  /** {@code tcsetattr(3)} with {@code TCSANOW}: what is on its way stays. */
  void setAttributes(int fd, TerminalAttributes attributes) throws SystemCallException;

  /** {@code TIOCGWINSZ}. */
  TerminalSize size(int fd) throws SystemCallException;

  /**
   * {@code TIOCSWINSZ}. Where that is a change, the kernel sends SIGWINCH to the foreground process
   * group of the terminal.
   */
  void setSize(int fd, TerminalSize size) throws SystemCallException;

  /**
   * Whether {@code poll(2)} finds something to read. {@code FIONREAD} does not tell: of what a
   * terminal holds it counts only the piece that a reader would get next, and is 0 between two.
   */
  boolean isReadable(int fd);

  /** Drops what the master has written and nobody has read: {@code tcflush(3)} of both sides. */
  void discardInput(int master) throws SystemCallException;

  /**
   * Writes one byte to a descriptor that is {@code O_NONBLOCK}.
   *
   * @return false where there is no room for it
   */
  boolean write(int fd, byte character) throws SystemCallException;
}
