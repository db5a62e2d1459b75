/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** Terminals by {@code ioctl(2)}, whose numbers and structures x86_64 and aarch64 share. */
final class LinuxTerminalControl implements TerminalControl {
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TIOCGPGRP = 0x540F;
  private static final int TIOCSPGRP = 0x5410;
  private static final int TIOCGSID = 0x5429;

  /** {@code sizeof(struct termios)} of the kernel, and room for one that grew. */
  private static final int MODES = 36;

  private static final int ROOM = 256;

  private static final int SIG_BLOCK = 0;
  private static final int SIG_SETMASK = 2;
  private static final long SIGTTOU_BIT = 1L << 21;

  private final Libc libc = Native.libc();

  private LinuxTerminalControl() {}

  static LinuxTerminalControl instance() {
    Native.require();
    return Holder.INSTANCE;
  }

  @Override
  public int foregroundGroup(int fd) throws SystemCallException {
    Pointer value = room();
    control(fd, TIOCGPGRP, value, "ask a terminal for its foreground");
    return value.getInt(0);
  }

  @Override
  public void setForegroundGroup(int fd, int group) throws SystemCallException {
    Pointer value = room();
    value.putInt(0, group);
    fromAnywhere(fd, TIOCSPGRP, value, "put a group into the foreground of a terminal");
  }

  @Override
  public int session(int fd) throws SystemCallException {
    Pointer value = room();
    control(fd, TIOCGSID, value, "ask a terminal for its session");
    return value.getInt(0);
  }

  @Override
  public byte[] modes(int fd) throws SystemCallException {
    Pointer value = room();
    control(fd, TCGETS, value, "ask a terminal for its modes");
    byte[] modes = new byte[MODES];
    value.get(0, modes, 0, MODES);
    return modes;
  }

  @Override
  public void setModes(int fd, byte[] modes) throws SystemCallException {
    Pointer value = room();
    value.put(0, modes, 0, modes.length);
    fromAnywhere(fd, TCSETS, value, "set the modes of a terminal");
  }

  private static Pointer room() {
    return Memory.allocateDirect(Native.runtime(), ROOM, true);
  }

  private void control(int fd, int request, Pointer value, String purpose)
      throws SystemCallException {
    if (libc.ioctl(fd, request, value.address()) < 0) {
      throw new SystemCallException("ioctl", Native.runtime().getLastError(), purpose);
    }
  }

  /** With SIGTTOU blocked: the kernel then lets a background process do it. */
  private void fromAnywhere(int fd, int request, Pointer value, String purpose)
      throws SystemCallException {
    Pointer mask = room();
    Pointer before = room();
    mask.putLong(0, SIGTTOU_BIT);
    libc.pthread_sigmask(SIG_BLOCK, mask.address(), before.address());
    try {
      control(fd, request, value, purpose);
    } finally {
      libc.pthread_sigmask(SIG_SETMASK, before.address(), 0);
    }
  }

  private static final class Holder {
    static final LinuxTerminalControl INSTANCE = new LinuxTerminalControl();

    private Holder() {}
  }
}
