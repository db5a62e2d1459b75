/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.FifoException.Reason;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Fifos;
import io.reactorproc.ipc.sys.Fifos.Access;
import io.reactorproc.ipc.sys.Fifos.FileStatus;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/** The file that is a FIFO, or is not. Off the event loops. */
final class FifoFiles {
  private final Path path;
  private final Fifos fifos;
  private final Kernel kernel;

  FifoFiles(Path path, Fifos fifos, Kernel kernel) {
    this.path = path;
    this.fifos = fifos;
    this.kernel = kernel;
  }

  /** Makes it with exactly this mode, or leaves nothing. */
  void make(int mode) throws FifoException {
    byte[] name = name();
    try {
      fifos.make(name, mode);
      try (Descriptor made = look(name)) {
        FileStatus status = fifos.status(made.number());
        requireFifo(status);
        if (status.permissions() != mode) {
          fifos.setMode(made.number(), mode);
        }
      } catch (SystemCallException failure) {
        removeQuietly(name, failure);
        throw failure;
      }
    } catch (SystemCallException failure) {
      throw FifoException.of(path, failure);
    }
  }

  private void removeQuietly(byte[] name, SystemCallException reason) {
    try {
      fifos.remove(name);
    } catch (SystemCallException failure) {
      reason.addSuppressed(failure);
    }
  }

  /**
   * Opens it.
   *
   * @return null while it is opened to be written and nobody reads
   */
  @Nullable Descriptor open(Access access) throws FifoException {
    byte[] name = name();
    try (Descriptor seen = look(name)) {
      FileStatus expected = fifos.status(seen.number());
      requireFifo(expected); // before it is opened: to open a device may do something
      Descriptor opened = Descriptor.own(kernel, fifos.open(name, access));
      try {
        requireFifo(fifos.status(opened.number()));
        return opened;
      } catch (SystemCallException | FifoException failure) {
        opened.close();
        throw failure;
      }
    } catch (SystemCallException failure) {
      if (access == Access.WRITE && failure.is(Errno.ENXIO)) {
        return null;
      }
      throw FifoException.of(path, failure);
    }
  }

  void remove() throws FifoException {
    byte[] name = name();
    try (Descriptor seen = look(name)) {
      requireFifo(fifos.status(seen.number()));
      fifos.remove(name);
    } catch (SystemCallException failure) {
      throw FifoException.of(path, failure);
    }
  }

  private Descriptor look(byte[] name) throws SystemCallException {
    return Descriptor.own(kernel, fifos.open(name, Access.NONE));
  }

  private void requireFifo(FileStatus status) throws FifoException {
    if (status.isLink()) {
      throw FifoException.of(path, Reason.SYMBOLIC_LINK, "a symbolic link, which is not followed");
    }
    if (!status.isFifo()) {
      throw FifoException.of(path, Reason.NOT_A_FIFO, "not a FIFO");
    }
  }

  private byte[] name() throws FifoException {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0) {
      throw FifoException.of(path, Reason.MISSING, "an empty path");
    }
    return Arrays.copyOf(bytes, bytes.length + 1);
  }
}
