/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static io.reactorproc.ipc.sys.Layout.*;

import io.netty.util.concurrent.FastThreadLocal;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** The Unix sockets of this machine, called through the C library. */
final class LinuxSockets implements Sockets {
  private static final FastThreadLocal<Scratch> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected Scratch initialValue() {
          return new Scratch();
        }
      };

  private static final int BIRTH_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK;

  private static final byte[] NO_NAME = {};

  private final Libc libc = Native.libc();

  private LinuxSockets() {}

  static LinuxSockets instance() {
    Native.require();
    return Holder.INSTANCE;
  }

  @Override
  public int open(SocketType type, String purpose) throws SystemCallException {
    return check(libc.socket(AF_UNIX, type.number() | BIRTH_FLAGS, 0), "socket", purpose);
  }

  @Override
  public long pair(SocketType type, String purpose) throws SystemCallException {
    Pointer ends = SCRATCH.get().value;
    int kind = type.number() | BIRTH_FLAGS;
    check(libc.socketpair(AF_UNIX, kind, 0, ends.address()), "socketpair", purpose);
    return PipeEnds.of(ends.getInt(0), ends.getInt(4));
  }

  @Override
  public int bind(int fd, byte[] name) {
    Pointer address = SCRATCH.get().address;
    int length = SocketMessage.writeAddress(address, 0, name);
    return orNegativeErrno(libc.bind(fd, address.address(), length));
  }

  @Override
  public int autobind(int fd) {
    Pointer address = SCRATCH.get().address;
    int length = SocketMessage.writeAddress(address, 0, NO_NAME);
    return orNegativeErrno(libc.bind(fd, address.address(), length));
  }

  @Override
  public void listen(int fd, int backlog, String purpose) throws SystemCallException {
    check(libc.listen(fd, backlog), "listen", purpose);
  }

  @Override
  public int accept(int fd) {
    return orNegativeErrno(libc.accept4(fd, 0, 0, BIRTH_FLAGS));
  }

  @Override
  public int connect(int fd, byte[] name) {
    Pointer address = SCRATCH.get().address;
    int length = SocketMessage.writeAddress(address, 0, name);
    return orNegativeErrno(libc.connect(fd, address.address(), length));
  }

  @Override
  public int shutdown(int fd, int how) {
    return orNegativeErrno(libc.shutdown(fd, how));
  }

  @Override
  public int option(int fd, int option) {
    Scratch scratch = SCRATCH.get();
    scratch.length.putInt(0, Integer.BYTES);
    long value = scratch.value.address();
    int result = libc.getsockopt(fd, SOL_SOCKET, option, value, scratch.length.address());
    return result < 0 ? orNegativeErrno(result) : scratch.value.getInt(0);
  }

  @Override
  public int setOption(int fd, int option, int value) {
    Pointer memory = SCRATCH.get().value;
    memory.putInt(0, value);
    return orNegativeErrno(
        libc.setsockopt(fd, SOL_SOCKET, option, memory.address(), Integer.BYTES));
  }

  @Override
  public PeerCredentials peer(int fd) throws SystemCallException {
    Scratch scratch = SCRATCH.get();
    Pointer peer = scratch.value;
    scratch.length.putInt(0, UCRED_SIZE);
    long length = scratch.length.address();
    check(
        libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer.address(), length),
        "getsockopt(SO_PEERCRED)",
        "learn who the peer is");
    return new PeerCredentials(peer.getInt(0), peer.getInt(4), peer.getInt(8));
  }

  @Override
  public byte[] name(int fd) throws SystemCallException {
    Scratch scratch = SCRATCH.get();
    scratch.length.putInt(0, SOCKADDR_SIZE);
    check(
        libc.getsockname(fd, scratch.address.address(), scratch.length.address()),
        "getsockname",
        "learn the name of a socket");
    return SocketMessage.readAddress(scratch.address, 0, scratch.length.getInt(0));
  }

  @Override
  public byte[] peerName(int fd) throws SystemCallException {
    Scratch scratch = SCRATCH.get();
    scratch.length.putInt(0, SOCKADDR_SIZE);
    check(
        libc.getpeername(fd, scratch.address.address(), scratch.length.address()),
        "getpeername",
        "learn the name of the peer");
    return SocketMessage.readAddress(scratch.address, 0, scratch.length.getInt(0));
  }

  @Override
  public int send(int fd, long address, int length, SocketMessage message) {
    long header = message.toSend(address, length);
    return orNegativeErrno((int) libc.sendmsg(fd, header, MSG_DONTWAIT | MSG_NOSIGNAL));
  }

  @Override
  public int receive(int fd, long address, int size, int flags, SocketMessage message) {
    boolean descriptors = (flags & WITHOUT_DESCRIPTORS) == 0;
    long header = message.toReceive(address, size, descriptors);
    int all = (flags & ~WITHOUT_DESCRIPTORS) | MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
    int result = (int) libc.recvmsg(fd, header, all);
    if (result < 0) {
      return orNegativeErrno(result);
    }
    message.received();
    return result;
  }

  @Override
  public int setMode(int fd, int mode) {
    return orNegativeErrno(libc.fchmod(fd, mode));
  }

  @Override
  public int effectiveUser() {
    return Native.posix().geteuid();
  }

  @Override
  public int lock(int fd) {
    return orNegativeErrno(libc.flock(fd, LOCK_EX_NB));
  }

  private static int check(int result, String call, String purpose) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, Native.runtime().getLastError(), purpose);
    }
    return result;
  }

  private static int orNegativeErrno(int result) {
    return result < 0 ? -Native.runtime().getLastError() : result;
  }

  /** Native scratch memory of one thread. */
  private static final class Scratch {
    final Pointer value = Memory.allocateDirect(Native.runtime(), 16, true);
    final Pointer length = Memory.allocateDirect(Native.runtime(), 16, true);
    final Pointer address = Memory.allocateDirect(Native.runtime(), 128, true);
  }

  private static final class Holder {
    static final LinuxSockets INSTANCE = new LinuxSockets();
  }
}
