/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import io.netty.util.concurrent.FastThreadLocal;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** The terminals of this machine, through the C library. Stateless but for thread-local scratch. */
final class LinuxTerminals implements Terminals {
  static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0x100;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int TIOCGPTPEER = 0x5441;
  private static final int TCIFLUSH = 0;
  private static final int TCOFLUSH = 1;
  private static final int TCSANOW = 0;
  private static final short POLLIN = 1;
  private static final int PATH_SIZE = 128;
  private static final String MAKE = "make a terminal";

  private static final FastThreadLocal<Pointer> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected Pointer initialValue() {
          return Memory.allocateDirect(Native.runtime(), PATH_SIZE, true);
        }
      };

  private final Libc libc = Native.libc();

  private LinuxTerminals() {}

  static LinuxTerminals instance() {
    Native.require();
    return Holder.INSTANCE;
  }

  @Override
  public int open() throws SystemCallException {
    // O_NOCTTY: a JVM that leads a session without a terminal must not get this one.
    int flags = O_RDWR | O_NOCTTY | Layout.O_CLOEXEC | Layout.O_NONBLOCK;
    int master = check(libc.posix_openpt(flags), "posix_openpt", MAKE);
    try {
      check(libc.grantpt(master), "grantpt", MAKE);
      check(libc.unlockpt(master), "unlockpt", MAKE);
    } catch (SystemCallException e) {
      libc.close(master);
      throw e;
    }
    return master;
  }

  @Override
  public byte[] slave(int master) throws SystemCallException {
    Pointer name = SCRATCH.get();
    int error = libc.ptsname_r(master, name.address(), PATH_SIZE);
    if (error != 0) {
      throw new SystemCallException("ptsname_r", error, MAKE);
    }
    int length = name.indexOf(0, (byte) 0, PATH_SIZE);
    byte[] path = new byte[length + 1];
    name.get(0, path, 0, path.length);
    return path;
  }

  @Override
  public boolean isTerminal(int fd) {
    return libc.tcgetattr(fd, SCRATCH.get().address()) == 0;
  }

  @Override
  public TerminalAttributes attributes(int fd) throws SystemCallException {
    Pointer attributes = SCRATCH.get();
    check(libc.tcgetattr(fd, attributes.address()), "tcgetattr", "ask a terminal for its mode");
    byte[] bytes = new byte[TerminalAttributes.SIZE];
    attributes.get(0, bytes, 0, bytes.length);
    return new TerminalAttributes(bytes);
  }

  @Override
  public void setAttributes(int fd, TerminalAttributes attributes) throws SystemCallException {
    Pointer memory = SCRATCH.get();
    memory.put(0, attributes.bytes, 0, TerminalAttributes.SIZE);
    check(libc.tcsetattr(fd, TCSANOW, memory.address()), "tcsetattr", "set the mode of a terminal");
  }

  @Override
  public TerminalSize size(int fd) throws SystemCallException {
    Pointer size = SCRATCH.get();
    check(
        libc.ioctl(fd, TIOCGWINSZ, size.address()),
        "ioctl(TIOCGWINSZ)",
        "ask a terminal for its size");
    return new TerminalSize(
        Short.toUnsignedInt(size.getShort(2)),
        Short.toUnsignedInt(size.getShort(0)),
        Short.toUnsignedInt(size.getShort(4)),
        Short.toUnsignedInt(size.getShort(6)));
  }

  @Override
  public void setSize(int fd, TerminalSize wanted) throws SystemCallException {
    Pointer size = SCRATCH.get();
    size.putShort(0, (short) wanted.rows());
    size.putShort(2, (short) wanted.columns());
    size.putShort(4, (short) wanted.widthPixels());
    size.putShort(6, (short) wanted.heightPixels());
    check(
        libc.ioctl(fd, TIOCSWINSZ, size.address()),
        "ioctl(TIOCSWINSZ)",
        "set the size of a terminal");
  }

  @Override
  public boolean isReadable(int fd) {
    Pointer entry = SCRATCH.get();
    entry.putInt(0, fd);
    entry.putShort(4, POLLIN);
    entry.putShort(6, (short) 0);
    return libc.poll(entry.address(), 1, 0) > 0 && (entry.getShort(6) & POLLIN) != 0;
  }

  @Override
  public void discardInput(int master) throws SystemCallException {
    check(libc.tcflush(master, TCOFLUSH), "tcflush", "drop the input of a terminal");
    // That was what is on its way; what has arrived is dropped from the other side only.
    int flags = O_RDWR | O_NOCTTY | Layout.O_CLOEXEC | Layout.O_NONBLOCK;
    int slave = libc.ioctl(master, TIOCGPTPEER, flags);
    if (slave >= 0) {
      libc.tcflush(slave, TCIFLUSH);
      libc.close(slave);
    }
  }

  @Override
  public boolean write(int fd, byte character) throws SystemCallException {
    Pointer one = SCRATCH.get();
    one.putByte(0, character);
    if (libc.write(fd, one.address(), 1) == 1) {
      return true;
    }
    int errno = Native.runtime().getLastError();
    if (errno == Errno.EAGAIN.intValue()) {
      return false;
    }
    throw new SystemCallException("write", errno, "write to a terminal");
  }

  private static int check(int result, String call, String purpose) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, Native.runtime().getLastError(), purpose);
    }
    return result;
  }

  private static final class Holder {
    static final LinuxTerminals INSTANCE = new LinuxTerminals();
  }
}
