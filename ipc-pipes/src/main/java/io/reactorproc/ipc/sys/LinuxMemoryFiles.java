/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static io.reactorproc.ipc.sys.Layout.*;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** Files in memory, made by the C library. Stateless. */
final class LinuxMemoryFiles implements MemoryFiles {
  /** What {@code /proc/PID/fd} shows, behind "memfd:". */
  private static final String NAME = "reactor-proc";

  private final Libc libc = Native.libc();

  private LinuxMemoryFiles() {}

  static LinuxMemoryFiles instance() {
    Native.require();
    return Holder.INSTANCE;
  }

  @Override
  public int create(String purpose) throws SystemCallException {
    Pointer name = cString(NAME);
    try {
      int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
      // A system may refuse those that could be executed (vm.memfd_noexec); an old one knows none.
      int fd = libc.memfd_create(name.address(), flags | MFD_NOEXEC_SEAL);
      if (fd < 0 && errno() == Errno.EINVAL.intValue()) {
        fd = libc.memfd_create(name.address(), flags);
      }
      return check(fd, "memfd_create", purpose);
    } finally {
      Reference.reachabilityFence(name);
    }
  }

  @Override
  public void write(int fd, ByteBuffer direct, String purpose) throws SystemCallException {
    // The address and length of what remains: a slice begins at the position.
    ByteBuffer left = direct.slice();
    long address = Pointer.wrap(Native.runtime(), left).address();
    int length = left.remaining();
    int written = 0;
    try {
      while (written < length) {
        long taken = libc.write(fd, address + written, length - written);
        if (taken < 0 && errno() != Errno.EINTR.intValue()) {
          throw new SystemCallException("write", errno(), purpose);
        }
        written += (int) Math.max(0, taken);
      }
    } finally {
      Reference.reachabilityFence(direct);
    }
  }

  @Override
  public void seal(int fd, String purpose) throws SystemCallException {
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    check(libc.fcntl(fd, F_ADD_SEALS, seals), "fcntl(F_ADD_SEALS)", purpose);
  }

  @Override
  public int reopen(int fd, String purpose) throws SystemCallException {
    Pointer path = cString("/proc/self/fd/" + fd);
    try {
      return check(libc.open(path.address(), O_CLOEXEC, 0), "open", purpose);
    } finally {
      Reference.reachabilityFence(path);
    }
  }

  private static Pointer cString(String ascii) {
    byte[] bytes = (ascii + '\0').getBytes(StandardCharsets.US_ASCII);
    Pointer memory = Memory.allocateDirect(Native.runtime(), bytes.length, false);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  private static int check(int result, String call, String purpose) throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(call, errno(), purpose);
    }
    return result;
  }

  private static int errno() {
    return Native.runtime().getLastError();
  }

  private static final class Holder {
    static final LinuxMemoryFiles INSTANCE = new LinuxMemoryFiles();
  }
}
