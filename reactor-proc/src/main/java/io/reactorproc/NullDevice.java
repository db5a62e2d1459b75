/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;

/** One open {@code /dev/null} for all children that are given it, opened at the first need. */
final class NullDevice {
  private static final int READ_AND_WRITE = 2; // O_RDWR
  private static final byte[] PATH = ExecutableLookup.cString("/dev/null");
  private static volatile int descriptor = -1;

  private NullDevice() {}

  /** Its number, 10 or higher, so that it is in nobody's way. On a spawner thread. */
  static int descriptor(Kernel kernel) throws SystemCallException {
    int known = descriptor;
    return known >= 0 ? known : open(kernel);
  }

  private static synchronized int open(Kernel kernel) throws SystemCallException {
    if (descriptor < 0) {
      int opened = kernel.open(PATH, READ_AND_WRITE, 0, "open /dev/null");
      try {
        descriptor = kernel.duplicate(opened, 10, "open /dev/null");
      } finally {
        kernel.close(opened);
      }
    }
    return descriptor;
  }
}
