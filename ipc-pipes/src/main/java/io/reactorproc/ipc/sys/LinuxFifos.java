/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static io.reactorproc.ipc.sys.Layout.*;

import java.nio.charset.StandardCharsets;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** Named pipes of this machine. Off the event loops and seldom, so it allocates for each call. */
final class LinuxFifos implements Fifos {
  private static final int O_RDONLY = 0;
  private static final int O_WRONLY = 1;
  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0x100;

  private final Libc libc = Native.libc();

  private LinuxFifos() {}

  static LinuxFifos instance() {
    Native.require();
    return Holder.INSTANCE;
  }

  @Override
  public void make(byte[] pathWithNul, int mode) throws SystemCallException {
    check(libc.mkfifo(copy(pathWithNul).address(), mode), "mkfifo", "make a FIFO");
  }

  @Override
  public int open(byte[] pathWithNul, Access access) throws SystemCallException {
    int mode =
        switch (access) {
          case NONE -> O_PATH;
          case READ -> O_RDONLY;
          case WRITE -> O_WRONLY;
          case READ_WRITE -> O_RDWR;
        };
    int flags = mode | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    return check(libc.open(copy(pathWithNul).address(), flags, 0), "open", "open a FIFO");
  }

  @Override
  public FileStatus status(int fd) throws SystemCallException {
    Pointer stat = Memory.allocateDirect(Native.runtime(), STAT_SIZE, true);
    long result = libc.syscall(SYS_FSTAT, fd, stat.address(), 0, 0, 0, 0);
    check((int) result, "fstat", "see whether it is a FIFO");
    return new FileStatus(
        stat.getLong(STAT_DEVICE), stat.getLong(STAT_INODE), stat.getInt(STAT_MODE));
  }

  @Override
  public void setMode(int fd, int mode) throws SystemCallException {
    // fchmod refuses O_PATH, and a path may by now be somebody else's file; this link may not.
    byte[] link = ("/proc/self/fd/" + fd + "\0").getBytes(StandardCharsets.US_ASCII);
    check(libc.chmod(copy(link).address(), mode), "chmod", "set the permissions of a FIFO");
  }

  @Override
  public void remove(byte[] pathWithNul) throws SystemCallException {
    check(libc.unlink(copy(pathWithNul).address()), "unlink", "remove a FIFO");
  }

  private static Pointer copy(byte[] pathWithNul) {
    Pointer path = Memory.allocateDirect(Native.runtime(), pathWithNul.length, false);
    path.put(0, pathWithNul, 0, pathWithNul.length);
    return path;
  }

  private static int check(int result, String call, String purpose) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, Native.runtime().getLastError(), purpose);
    }
    return result;
  }

  private static final class Holder {
    static final LinuxFifos INSTANCE = new LinuxFifos();
  }
}
