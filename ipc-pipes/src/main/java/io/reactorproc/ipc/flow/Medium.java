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
  /** A socket of a stream of bytes, both directions over one descriptor: see {@link Duplex}. */
  STREAM_SOCKET,
  /** A socket where each write is one message, likewise. */
  MESSAGE_SOCKET,
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

  /** Whether descriptors can be sent along. */
  boolean isSocket() {
    return this == STREAM_SOCKET || this == MESSAGE_SOCKET;
  }

  /** Whether a short read means that it was empty. */
  boolean isPipe(Kernel kernel, int fd) {
    return switch (this) {
      case PIPE, PIPE_OF_FIXED_SIZE -> true;
      case STREAM_SOCKET, MESSAGE_SOCKET, TERMINAL -> false;
      case ANY -> kernel.pipeCapacity(fd) >= 0;
    };
  }

  /** Whether there is nothing to read. */
  boolean isEmpty(Kernel kernel, int fd) {
    return this == TERMINAL ? !Terminals.system().isReadable(fd) : kernel.available(fd) == 0;
  }

  /**
   * Whether a failed {@code write} says that there are no more readers. Besides {@code EPIPE} there
   * are those of sockets: a peer that closed with something unread, or a datagram's.
   */
  boolean isReaderGone(SystemCallException failure) {
    return failure.is(Errno.EPIPE)
        || failure.is(Errno.ECONNRESET)
        || failure.is(Errno.ECONNREFUSED)
        || (this == TERMINAL && failure.is(Errno.EIO));
  }

  /** Enlarges a pipe that has proved fast; a refusal leaves it as it is. */
  void grow(Kernel kernel, int fd) {
    if (this == ANY || this == PIPE) {
      kernel.setPipeCapacity(fd, CAPACITY_OF_A_FAST_PIPE);
    }
  }

  /** Whether a failed {@code read} says that there are no more writers. */
  boolean isEndOfFile(SystemCallException failure) {
    return this == TERMINAL && failure.is(Errno.EIO);
  }
}
