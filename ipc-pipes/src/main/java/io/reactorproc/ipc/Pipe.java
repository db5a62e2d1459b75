/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SystemCallException;

/**
 * A new pipe, {@code pipe2(O_CLOEXEC)}. Both ends block until a stream takes one over.
 *
 * @param readEnd what was written comes out here; end of file once the last writing end is closed
 * @param writeEnd bytes go in here; {@code EPIPE} once the last reading end is closed
 */
public record Pipe(Descriptor readEnd, Descriptor writeEnd) implements AutoCloseable {
  /**
   * Makes a pipe.
   *
   * @throws SystemCallException {@code EMFILE} or {@code ENFILE} at a limit of open descriptors
   */
  public static Pipe open() throws SystemCallException {
    long ends = Kernel.system().pipe("make a pipe");
    return new Pipe(
        Descriptor.own(PipeEnds.readEnd(ends)), Descriptor.own(PipeEnds.writeEnd(ends)));
  }

  /** Closes the ends that are still owned here. */
  @Override
  public void close() {
    readEnd.close();
    writeEnd.close();
  }
}
