/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
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
   * One direction of a Unix stream socket. Another descriptor of the same socket has the other
   * direction, so that closing alone would tell the peer nothing.
   */
  SOCKET;

  /**
   * Four times the speed across processors, and no loss on one; more than that is slower again. Not
   * from the start, as the user's quota of pipe memory ({@code pipe(7)}) ends at some 250 such
   * pipes.
   */
  private static final int CAPACITY_OF_A_FAST_PIPE = 512 * 1024;

  /** Whether a short read means that it was empty. */
  boolean isPipe(Kernel kernel, int fd) {
    return switch (this) {
      case PIPE, PIPE_OF_FIXED_SIZE -> true;
      case SOCKET -> false;
      case ANY -> kernel.pipeCapacity(fd) >= 0;
    };
  }

  /** Ends one direction, {@link Sockets#SHUT_READ} or {@link Sockets#SHUT_WRITE}. */
  void shutdown(int fd, int direction) {
    if (this == SOCKET) {
      Sockets.system().shutdown(fd, direction); // fails where the peer is gone, and is not needed
    }
  }

  /**
   * Whether a failure says that the peer is gone. A Unix socket says {@code ECONNRESET} where that
   * has left something unread, and does so once: behind all that the peer had sent.
   */
  boolean isPeerGone(SystemCallException failure) {
    return failure.is(Errno.EPIPE) || (this == SOCKET && failure.is(Errno.ECONNRESET));
  }

  /** Enlarges a pipe that has proved fast; a refusal leaves it as it is. */
  void grow(Kernel kernel, int fd) {
    if (this == ANY || this == PIPE) {
      kernel.setPipeCapacity(fd, CAPACITY_OF_A_FAST_PIPE);
    }
  }
}
