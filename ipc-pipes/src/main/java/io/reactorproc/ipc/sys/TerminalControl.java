/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The seam to the job control of terminals: see {@code tty_ioctl(4)}. The calls that change a
 * terminal do so from the background, too: they block SIGTTOU on the calling thread for their time,
 * which else would stop the whole process. Any thread; a terminal whose device hangs may block it.
 */
public interface TerminalControl {
  /** The terminals of this machine. Loads the native libraries at the first call. */
  static TerminalControl system() {
    return LinuxTerminalControl.instance();
  }

  /** The process group in the foreground, {@code tcgetpgrp(3)}. */
  int foregroundGroup(int fd) throws SystemCallException;

  /** Puts a process group of the terminal's session into the foreground, {@code tcsetpgrp(3)}. */
  void setForegroundGroup(int fd, int group) throws SystemCallException;

  /** The leader of the session whose controlling terminal this is, {@code tcgetsid(3)}. */
  int session(int fd) throws SystemCallException;

  /** The modes, a {@code struct termios} of the kernel; to be compared and given back. */
  byte[] modes(int fd) throws SystemCallException;

  /** Sets modes that {@link #modes} answered, at once and without a wait for output. */
  void setModes(int fd, byte[] modes) throws SystemCallException;
}
