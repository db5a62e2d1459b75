/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.Terminals;
import jnr.constants.platform.Errno;

/** What a channel is known to read from or write to. */
public enum Medium {
  /** Whatever can be watched; a pipe is enlarged once its stream proves fast. */
  ANY,
  /** A pipe, enlarged once its stream proves fast. */
  PIPE,
  /** A pipe whose capacity somebody has chosen. */
  PIPE_OF_FIXED_SIZE,
  /**
   * The master of a pseudo-terminal. Once nobody has the other side open, {@code EIO} is its end of
   * file and its {@code EPIPE}.
   */
  TERMINAL;

  /**
   * Four times the speed across processors, and no loss on one; more than that is slower again. Not
   * from the start, as the user's quota of pipe memory ({@code pipe(7)}) ends at some 250 such
   * pipes.
   */
  private static final int CAPACITY_OF_A_FAST_PIPE = 512 * 1024;

  /** Enlarges a pipe that has proved fast; a refusal leaves it as it is. */
  void grow(Kernel kernel, int fd) {
    if (this != PIPE_OF_FIXED_SIZE && this != TERMINAL) {
      kernel.setPipeCapacity(fd, CAPACITY_OF_A_FAST_PIPE);
    }
  }

  /** Whether there is nothing to read. */
  boolean isEmpty(Kernel kernel, int fd) {
    return this == TERMINAL ? !Terminals.system().isReadable(fd) : kernel.available(fd) == 0;
  }

  /** Whether a failed {@code read} says that there are no more writers. */
  boolean isEndOfFile(SystemCallException failure) {
    return this == TERMINAL && failure.is(Errno.EIO);
  }

  /** Whether a failed {@code write} says that there are no more readers. */
  boolean isReaderGone(SystemCallException failure) {
    return failure.is(Errno.EPIPE) || (this == TERMINAL && failure.is(Errno.EIO));
  }
}
