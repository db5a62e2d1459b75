/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.charset.StandardCharsets;

/** Opens files for several commands together. May block. */
final class OpenFile {
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_TRUNC = 0x200;
  private static final int O_APPEND = 0x400;
  private static final int FILE_MODE = 0666;

  private OpenFile() {}

  static Descriptor open(Slot.ToOpen file) throws CannotOpenException {
    byte[] path = (file.path() + "\0").getBytes(StandardCharsets.UTF_8);
    int flags =
        switch (file.kind()) {
          case WRITE -> O_WRONLY | O_CREAT | O_TRUNC;
          case APPEND -> O_WRONLY | O_CREAT | O_APPEND;
          case READ, TEXT, COPY -> 0;
        };
    try {
      return Descriptor.own(Kernel.system().open(path, flags, FILE_MODE, "redirect a group"));
    } catch (SystemCallException e) {
      throw new CannotOpenException("cannot open " + file.path() + ": " + e.errnoName(), e);
    }
  }
}
