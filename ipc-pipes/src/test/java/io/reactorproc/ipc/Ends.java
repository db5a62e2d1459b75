/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.posix.POSIXFactory;

/** Makes descriptors for tests. */
public final class Ends {
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_SEQPACKET = 5;
  private static final int AF_UNIX = 1;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int O_RDONLY = 0;
  private static final int O_WRONLY = 1;
  private static final int O_NONBLOCK = 0x800;

  private Ends() {}

  public static Pipe pipe() {
    try {
      return Pipe.open();
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static RawEnd raw(Descriptor end) {
    try {
      return new RawEnd(end);
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A pair of connected Unix sockets. */
  public static Pipe socketPair(int type) {
    int[] both = {-1, -1};
    if (POSIXFactory.getNativePOSIX().socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, both) != 0) {
      throw new AssertionError("socketpair failed");
    }
    return new Pipe(Descriptor.own(both[0]), Descriptor.own(both[1]));
  }

  public static Path fifo(Path path) {
    if (POSIXFactory.getNativePOSIX().mkfifo(path.toString(), 0600) != 0) {
      throw new AssertionError("mkfifo failed");
    }
    return path;
  }

  public static Descriptor openToRead(Path path) {
    return open(path, O_RDONLY | O_NONBLOCK);
  }

  public static Descriptor openToWrite(Path path) {
    return open(path, O_WRONLY | O_NONBLOCK);
  }

  private static Descriptor open(Path path, int flags) {
    byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
    try {
      return Descriptor.own(Kernel.system().open(name, flags, 0, "test"));
    } catch (SystemCallException e) {
      throw new UncheckedIOException(e);
    }
  }
}
