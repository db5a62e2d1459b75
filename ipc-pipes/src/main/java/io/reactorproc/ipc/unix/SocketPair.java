/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;

/**
 * Two connected Unix sockets without a name, {@code socketpair(2)}: one to keep, for {@link
 * UnixConnection#of}, and one to give away. Both are {@code FD_CLOEXEC} and {@code O_NONBLOCK}.
 *
 * @param one the one end
 * @param other the other one
 */
public record SocketPair(Descriptor one, Descriptor other) implements AutoCloseable {
  /**
   * Makes a pair.
   *
   * @throws SystemCallException {@code EMFILE} or {@code ENFILE} at a limit of open descriptors
   */
  public static SocketPair open(SocketType type) throws SystemCallException {
    long ends = Sockets.system().pair(type, "make a pair of sockets");
    return new SocketPair(
        Descriptor.own(PipeEnds.readEnd(ends)), Descriptor.own(PipeEnds.writeEnd(ends)));
  }

  /** Closes the ends that are still owned here. */
  @Override
  public void close() {
    one.close();
    other.close();
  }
}
