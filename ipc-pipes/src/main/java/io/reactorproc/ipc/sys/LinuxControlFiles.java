/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** {@link ControlFiles} through the C library. Stateless but for thread-local scratch. */
final class LinuxControlFiles implements ControlFiles {
  static final LinuxControlFiles INSTANCE = new LinuxControlFiles();

  private static final int PAGE = 4096;
  private static final FastThreadLocal<Pointer> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected Pointer initialValue() {
          return Memory.allocateDirect(Native.runtime(), PAGE, false);
        }
      };

  private final Libc libc = Native.libc();

  private LinuxControlFiles() {}

  @Override
  public String read(int fd, int most) throws SystemCallException {
    Pointer scratch = SCRATCH.get();
    int length = (int) libc.pread(fd, scratch.address(), Math.min(most, PAGE), 0);
    if (length < 0) {
      throw new SystemCallException(
          "pread", Native.runtime().getLastError(), "read what the kernel tells");
    }
    byte[] bytes = new byte[length];
    scratch.get(0, bytes, 0, length);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
