/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static io.reactorproc.ipc.sys.Layout.*;

import io.netty.util.concurrent.FastThreadLocal;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/**
 * The kernel of this machine, called through the C library. Stateless but for thread-local scratch.
 */
final class LinuxKernel implements Kernel {
  private static final FastThreadLocal<Scratch> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
          return new Scratch();
        }
      };

  private final Libc libc = Native.libc();

  private LinuxKernel() {}

  static LinuxKernel instance() {
    Native.require();
    return Holder.INSTANCE;
  }

  @Override
  public long pipe(String purpose) throws SystemCallException {
    Pointer ends = SCRATCH.get().small;
    check(libc.pipe2(ends.address(), O_CLOEXEC), "pipe2", purpose);
    return PipeEnds.of(ends.getInt(0), ends.getInt(4));
  }

  @Override
  public int open(byte[] pathWithNul, int flags, int mode, String purpose)
      throws SystemCallException {
    Pointer path = SCRATCH.get().path(pathWithNul);
    return check(libc.open(path.address(), flags | O_CLOEXEC, mode), "open", purpose);
  }

  @Override
  public void close(int fd) {
    libc.close(fd);
  }

  @Override
  public int duplicate(int fd, int least, String purpose) throws SystemCallException {
    return check(libc.fcntl(fd, F_DUPFD_CLOEXEC, least), "fcntl(F_DUPFD_CLOEXEC)", purpose);
  }

  @Override
  public void setNonBlocking(int fd, String purpose) throws SystemCallException {
    int flags = check(libc.fcntl(fd, F_GETFL, 0), "fcntl(F_GETFL)", purpose);
    check(libc.fcntl(fd, F_SETFL, flags | O_NONBLOCK), "fcntl(F_SETFL)", purpose);
  }

  @Override
  public void setNewPipeNonBlocking(int fd, String purpose) throws SystemCallException {
    check(libc.fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl(F_SETFL)", purpose);
  }

  @Override
  public void setBlocking(int fd, String purpose) throws SystemCallException {
    int flags = check(libc.fcntl(fd, F_GETFL, 0), "fcntl(F_GETFL)", purpose);
    check(libc.fcntl(fd, F_SETFL, flags & ~O_NONBLOCK), "fcntl(F_SETFL)", purpose);
  }

  @Override
  public void setCloseOnExec(int fd, String purpose) throws SystemCallException {
    check(libc.fcntl(fd, F_SETFD, FD_CLOEXEC), "fcntl(F_SETFD)", purpose);
  }

  @Override
  public int setPipeCapacity(int fd, int bytes) {
    return orNegativeErrno(libc.fcntl(fd, F_SETPIPE_SZ, bytes));
  }

  @Override
  public int pipeCapacity(int fd) {
    return orNegativeErrno(libc.fcntl(fd, F_GETPIPE_SZ, 0));
  }

  @Override
  public int available(int fd) {
    Pointer count = SCRATCH.get().small;
    int result = libc.ioctl(fd, FIONREAD, count.address());
    return result < 0 ? orNegativeErrno(result) : count.getInt(0);
  }

  @Override
  public int tee(int from, int to, int most) {
    return orNegativeErrno((int) libc.tee(from, to, most, SPLICE_F_NONBLOCK));
  }

  @Override
  public int splice(int from, int to, int most) {
    return orNegativeErrno((int) libc.splice(from, 0, to, 0, most, SPLICE_F_NONBLOCK, 0));
  }

  @Override
  public boolean isOpen(int fd) {
    return libc.fcntl(fd, F_GETFD, 0) >= 0;
  }

  @Override
  public boolean isInheritable(int fd) {
    int flags = libc.fcntl(fd, F_GETFD, 0);
    return flags >= 0 && (flags & FD_CLOEXEC) == 0;
  }

  @Override
  public int executable(byte[] pathWithNul) {
    Pointer path = SCRATCH.get().path(pathWithNul);
    return libc.access(path.address(), X_OK) == 0 ? 0 : errno();
  }

  @Override
  public int pidfdOpen(int pid) throws SystemCallException {
    return check(syscall(SYS_PIDFD_OPEN, pid, 0), "pidfd_open", "watch the child");
  }

  @Override
  public boolean pidfdSendSignal(int pidfd, int signal) throws SystemCallException {
    int result = syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, signal);
    return delivered(result, "pidfd_send_signal");
  }

  @Override
  public boolean kill(int pid, int signal) throws SystemCallException {
    return delivered(Native.posix().kill(pid, signal), "kill");
  }

  @Override
  public int processGroup(int pid) {
    return Native.posix().getpgid(pid);
  }

  @Override
  public int signalfd(int fd, long mask) throws SystemCallException {
    Pointer set = SCRATCH.get().signals;
    set.putLong(0, mask);
    int result = libc.signalfd(fd, set.address(), O_CLOEXEC | O_NONBLOCK);
    return check(result, "signalfd", "receive signals");
  }

  @Override
  public WaitResult waitFor(boolean byPidfd, int id, int options) {
    int type = byPidfd ? P_PIDFD : P_PID;
    Pointer info = SCRATCH.get().siginfo;
    Pointer usage = SCRATCH.get().usage;
    info.putInt(SIGINFO_PID, 0);
    int all = options | WaitResult.NO_HANG;
    long result = libc.syscall(SYS_WAITID, type, id, info.address(), all, usage.address(), 0);
    if (result < 0) {
      // ECHILD: a foreign wait took it. EINTR cannot be with WNOHANG; EINVAL would be our fault.
      int errno = errno();
      if (errno == Errno.ECHILD.intValue()) {
        return WaitResult.LOST;
      }
      throw new IllegalStateException(new SystemCallException("waitid", errno, "reap a child"));
    }
    if (info.getInt(SIGINFO_PID) == 0) {
      return WaitResult.NOTHING;
    }
    return read(info, usage);
  }

  private static WaitResult read(Pointer info, Pointer usage) {
    int value = info.getInt(SIGINFO_STATUS);
    int code = info.getInt(SIGINFO_CODE);
    return switch (code) {
      case 1 -> new WaitResult(WaitResult.Kind.EXITED, value, readUsage(usage));
      case 2 -> new WaitResult(WaitResult.Kind.KILLED, value, readUsage(usage));
      case 3 -> new WaitResult(WaitResult.Kind.DUMPED, value, readUsage(usage));
      case 5 -> new WaitResult(WaitResult.Kind.STOPPED, value, WaitResult.Usage.NONE);
      case 6 -> new WaitResult(WaitResult.Kind.CONTINUED, value, WaitResult.Usage.NONE);
      default -> throw new IllegalStateException("waitid reported si_code " + code);
    };
  }

  private static WaitResult.Usage readUsage(Pointer usage) {
    return new WaitResult.Usage(
        usage.getLong(RUSAGE_USER_SECONDS) * 1_000_000 + usage.getLong(RUSAGE_USER_MICROS),
        usage.getLong(RUSAGE_SYSTEM_SECONDS) * 1_000_000 + usage.getLong(RUSAGE_SYSTEM_MICROS),
        usage.getLong(RUSAGE_MAX_RSS_KIB) * 1024,
        usage.getLong(RUSAGE_MINOR_FAULTS),
        usage.getLong(RUSAGE_MAJOR_FAULTS),
        usage.getLong(RUSAGE_BLOCKS_IN),
        usage.getLong(RUSAGE_BLOCKS_OUT),
        usage.getLong(RUSAGE_VOLUNTARY_SWITCHES),
        usage.getLong(RUSAGE_INVOLUNTARY_SWITCHES));
  }

  @Override
  public int spawn(SpawnRequest request, SpawnArena arena) throws SystemCallException {
    arena.load(request);
    long actions = arena.actions.prepare(this, request, arena.directory(), arena.terminal());
    SpawnActions.check(
        libc.posix_spawn(
            arena.pid.address(),
            arena.path(),
            actions,
            arena.attributes(request),
            arena.argv(),
            arena.environment(),
            0));
    return arena.pid.getInt(0);
  }

  private int syscall(int number, long a, long b) {
    return (int) libc.syscall(number, a, b, 0, 0, 0, 0);
  }

  private static boolean delivered(int result, String call) throws SystemCallException {
    if (result == 0) {
      return true;
    }
    int errno = errno();
    if (errno == Errno.ESRCH.intValue()) {
      return false;
    }
    throw new SystemCallException(call, errno, "signal the child");
  }

  private static int check(int result, String call, String purpose) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, errno(), purpose);
    }
    return result;
  }

  private static int orNegativeErrno(int result) {
    return result < 0 ? -errno() : result;
  }

  private static int errno() {
    return Native.runtime().getLastError();
  }

  /** Native scratch memory of one thread. */
  private static final class Scratch {
    final Pointer small = Memory.allocateDirect(Native.runtime(), 16, true);
    final Pointer siginfo = Memory.allocateDirect(Native.runtime(), SIGINFO_SIZE, true);
    final Pointer signals = Memory.allocateDirect(Native.runtime(), SIGSET_SIZE, true);
    final Pointer usage = Memory.allocateDirect(Native.runtime(), RUSAGE_SIZE, true);
    private Pointer path = Memory.allocateDirect(Native.runtime(), 512, false);

    /** A copy of the path; it lives as long as this thread uses no other one. */
    Pointer path(byte[] pathWithNul) {
      if (path.size() < pathWithNul.length) {
        path = Memory.allocateDirect(Native.runtime(), pathWithNul.length * 2, false);
      }
      path.put(0, pathWithNul, 0, pathWithNul.length);
      return path;
    }
  }

  private static final class Holder {
    static final LinuxKernel INSTANCE = new LinuxKernel();
  }
}
