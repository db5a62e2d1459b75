/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import jnr.constants.platform.Errno;

/**
 * One descriptor number kept in reserve. At the limit of open descriptors {@code posix_spawn}
 * succeeds and {@code pidfd_open} then fails, with a child running that nobody watches; giving up
 * the reserve makes room for its pidfd.
 */
final class ReserveDescriptor {
  private static final Object LOCK = new Object();
  private static int reserve = -1;

  private ReserveDescriptor() {}

  /** Makes sure that there is a reserve, before a child is started. On a spawner thread. */
  static void ensure(Kernel kernel) throws SystemCallException {
    synchronized (LOCK) {
      if (reserve < 0) {
        reserve = kernel.duplicate(NullDevice.descriptor(kernel), 10, "reserve room for a pidfd");
      }
    }
  }

  static int pidfdOpen(Kernel kernel, int pid) throws SystemCallException {
    try {
      return kernel.pidfdOpen(pid);
    } catch (SystemCallException e) {
      if (!e.is(Errno.EMFILE)) {
        throw e;
      }
      synchronized (LOCK) {
        if (reserve >= 0) {
          kernel.close(reserve);
          reserve = -1;
        }
      }
      return kernel.pidfdOpen(pid);
    }
  }
}
