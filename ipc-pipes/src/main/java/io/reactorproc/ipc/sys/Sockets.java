/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The seam to the operating system for Unix sockets. Tests put one here that fails at a chosen
 * step.
 *
 * <p>Every descriptor that is made or received has {@code FD_CLOEXEC} from its first instant, and
 * every socket {@code O_NONBLOCK}. Calls that are ordinarily answered with "not now" return a
 * negative error number instead of throwing, so that waiting costs no exception.
 *
 * <p>A <em>name</em> is what stands in {@code sun_path}: the bytes of a path without a closing NUL,
 * an abstract name with its leading NUL, or nothing for a socket without one.
 *
 * <p>Any thread may call. {@link #bind} and {@link #connect} look paths up, so they never run on an
 * event loop; everything else is non-blocking.
 */
public interface Sockets {
  /** What a name may be long: 107 bytes of a path and its NUL, or 108 of an abstract name. */
  int MOST_NAME = Layout.SOCKADDR_MOST_NAME;

  /** {@code SO_TYPE}. */
  int TYPE = 3;

  /** {@code SO_ERROR}: the pending error number, which asking clears. */
  int PENDING_ERROR = 4;

  /** {@code SO_SNDBUF}: bytes, which the kernel doubles when set. */
  int SEND_BUFFER = 7;

  /** {@code SO_RCVBUF}: bytes, which the kernel doubles when set. */
  int RECEIVE_BUFFER = 8;

  /** {@code SO_PASSCRED}: messages arrive with the credentials of their sender. */
  int PASS_CREDENTIALS = 16;

  /** {@code SO_ACCEPTCONN}: whether the socket listens. */
  int LISTENS = 30;

  /** {@code SO_DOMAIN}: the address family, {@link #UNIX} for a Unix socket. */
  int DOMAIN = 39;

  /** {@code AF_UNIX}. */
  int UNIX = Layout.AF_UNIX;

  /** {@code SHUT_RD}: what the peer writes is refused with {@code EPIPE}. */
  int SHUT_READ = 0;

  /** {@code SHUT_WR}: the peer reads end of file. */
  int SHUT_WRITE = 1;

  /** {@code SHUT_RDWR}. */
  int SHUT_BOTH = 2;

  /** {@code MSG_PEEK}: looks at a message and leaves it. */
  int PEEK = 0x2;

  /** {@code MSG_TRUNC}: the answer is a message's real length, though the buffer is shorter. */
  int REAL_LENGTH = Layout.MSG_TRUNC;

  /**
   * Gives the kernel no room for descriptors, besides the flags of the kernel: it closes those that
   * come, and {@link SocketMessage#lacksDescriptors()} says so.
   */
  int WITHOUT_DESCRIPTORS = 1 << 28;

  /** The sockets of this machine. Loads the native libraries at the first call. */
  static Sockets system() {
    return LinuxSockets.instance();
  }

  /** {@code socket(2)}: a new Unix socket. */
  int open(SocketType type, String purpose) throws SystemCallException;

  /** {@code socketpair(2)}: two connected ones in a value to be read with {@link PipeEnds}. */
  long pair(SocketType type, String purpose) throws SystemCallException;

  /** {@code bind(2)}: 0, or a negative error number. An empty name lets the kernel choose one. */
  int bind(int fd, byte[] name);

  /**
   * {@code bind(2)} without a name: the kernel chooses an abstract one, and looks up no path, so
   * that this never blocks.
   *
   * @return 0 or a negative error number
   */
  int autobind(int fd);

  /** {@code listen(2)}. */
  void listen(int fd, int backlog, String purpose) throws SystemCallException;

  /** {@code accept4(2)}: the new descriptor, or a negative error number. */
  int accept(int fd);

  /**
   * {@code connect(2)}: 0, or a negative error number. {@code EAGAIN} says that the backlog of the
   * server is full; no event tells when it no longer is.
   */
  int connect(int fd, byte[] name);

  /** {@code shutdown(2)} of one direction or both: 0 or a negative error number. */
  int shutdown(int fd, int how);

  /**
   * An option of level {@code SOL_SOCKET} that is an int: its value, or a negative error number.
   */
  int option(int fd, int option);

  /** Sets an option of level {@code SOL_SOCKET} that is an int: 0 or a negative error number. */
  int setOption(int fd, int option, int value);

  /** {@code SO_PEERCRED}. */
  PeerCredentials peer(int fd) throws SystemCallException;

  /** {@code getsockname(2)}. */
  byte[] name(int fd) throws SystemCallException;

  /** {@code getpeername(2)}. */
  byte[] peerName(int fd) throws SystemCallException;

  /**
   * {@code sendmsg(2)} without waiting and without a SIGPIPE, of one piece of memory and of what
   * the message carries besides.
   *
   * @return the bytes that were taken, or a negative error number
   */
  int send(int fd, long address, int length, SocketMessage message);

  /**
   * {@code recvmsg(2)} without waiting, into one piece of memory; what came besides the bytes is in
   * the message. Descriptors in there are the caller's to close, whatever else happens.
   *
   * @param flags {@link #PEEK}, {@link #REAL_LENGTH}, {@link #WITHOUT_DESCRIPTORS} or 0; peeking
   *     duplicates descriptors, too
   * @return the bytes, 0 also at end of file, or a negative error number
   */
  int receive(int fd, long address, int size, int flags, SocketMessage message);

  /**
   * {@code fchmod(2)}. On a socket that has no name yet it decides the mode of the file that {@code
   * bind} makes, less the umask: 0 or a negative error number.
   */
  int setMode(int fd, int mode);

  /** The effective user of this process. */
  int effectiveUser();

  /**
   * {@code flock(LOCK_EX|LOCK_NB)}, held until the descriptor and its copies are closed: 0, or a
   * negative error number, {@code EAGAIN} while somebody else holds it.
   */
  int lock(int fd);
}
