/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The seam to the operating system: every system call on the way of a child, apart from the hot
 * {@code read} and {@code write} on descriptors that are open already. Tests put a kernel here that
 * fails at a chosen step.
 *
 * <p>Calls that make a descriptor make it with {@code FD_CLOEXEC}. Each {@code purpose} is a
 * constant that says what the call is for and ends up in the {@link SystemCallException}. All
 * methods may be called from any thread; which of them may block says their name in {@code man 2}:
 * {@link #open} and {@link #spawn} never run on an event loop.
 */
public interface Kernel {
  /** The kernel of this machine. Loads the native libraries at the first call. */
  static Kernel system() {
    return LinuxKernel.instance();
  }

  /** The two descriptor numbers of a new pipe in one value: see {@link PipeEnds}. */
  long pipe(String purpose) throws SystemCallException;

  /** Opens a file, its path with a closing NUL, with {@code O_CLOEXEC} added to the flags. */
  int open(byte[] pathWithNul, int flags, int mode, String purpose) throws SystemCallException;

  /** Closes a number; an error of {@code close} leaves nothing to do and is ignored. */
  void close(int fd);

  /** {@code F_DUPFD_CLOEXEC}: a copy of the descriptor numbered {@code least} or higher. */
  int duplicate(int fd, int least, String purpose) throws SystemCallException;

  /** Sets {@code O_NONBLOCK} on the open file description, next to the flags that it has. */
  void setNonBlocking(int fd, String purpose) throws SystemCallException;

  /** As {@link #setNonBlocking}, for one end of a new pipe, which has no flags to ask for. */
  void setNewPipeNonBlocking(int fd, String purpose) throws SystemCallException;

  /** Takes {@code O_NONBLOCK} from the open file description, and leaves the other flags. */
  void setBlocking(int fd, String purpose) throws SystemCallException;

  /** Sets {@code FD_CLOEXEC}, on a descriptor that was not made here. */
  void setCloseOnExec(int fd, String purpose) throws SystemCallException;

  /**
   * {@code F_SETPIPE_SZ}.
   *
   * @return the capacity in bytes the kernel chose, or a negative error number
   */
  int setPipeCapacity(int fd, int bytes);

  /** {@code F_GETPIPE_SZ}, in bytes, or a negative error number. */
  int pipeCapacity(int fd);

  /** {@code FIONREAD}: the bytes that can be read now, or a negative error number. */
  int available(int fd);

  /**
   * {@code tee(2)}, never blocking: what one pipe holds appears in another, too, up to {@code most}
   * bytes, and nothing is copied but references to pages.
   *
   * @return the bytes, 0 at end of file, or a negative error number: {@code EAGAIN} where the one
   *     is empty or the other full
   */
  int tee(int from, int to, int most);

  /**
   * {@code splice(2)} between two pipes, never blocking: moves up to {@code most} bytes, without
   * copying them.
   *
   * @return the bytes, 0 at end of file, or a negative error number: {@code EAGAIN} where the one
   *     is empty or the other full
   */
  int splice(int from, int to, int most);

  /** Whether the number is open in this process. */
  boolean isOpen(int fd);

  /** Whether a number is open and lacks {@code FD_CLOEXEC}. */
  boolean isInheritable(int fd);

  /** {@code access(path, X_OK)}: 0, or a positive error number. */
  int executable(byte[] pathWithNul);

  /** {@code pidfd_open(2)}. */
  int pidfdOpen(int pid) throws SystemCallException;

  /** {@code pidfd_send_signal(2)}; false where the process is gone ({@code ESRCH}). */
  boolean pidfdSendSignal(int pidfd, int signal) throws SystemCallException;

  /** {@code kill(2)}, negative for a group; false where nobody is there ({@code ESRCH}). */
  boolean kill(int pid, int signal) throws SystemCallException;

  /** {@code getpgid(2)}: the group that a process is in, or -1 where it is gone. */
  int processGroup(int pid);

  /**
   * {@code signalfd(2)}: non-blocking, one {@code signalfd_siginfo} of 128 bytes for each signal.
   *
   * @param fd one that changes what it accepts, or -1 for a new one
   * @param mask what it accepts: bit n-1 for signal n
   * @return the descriptor number
   */
  int signalfd(int fd, long mask) throws SystemCallException;

  /**
   * {@code waitid(2)} of one child, never blocking.
   *
   * @param byPidfd whether {@code id} is a pidfd (P_PIDFD) or a pid (P_PID)
   * @param options {@link WaitResult#EXITED} and the other constants there
   */
  WaitResult waitFor(boolean byPidfd, int id, int options);

  /**
   * Starts a child with {@code posix_spawn(3)}.
   *
   * @param arena the native memory of the calling thread
   * @return the pid
   */
  int spawn(SpawnRequest request, SpawnArena arena) throws SystemCallException;
}
