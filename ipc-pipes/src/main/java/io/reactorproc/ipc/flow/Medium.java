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
  /** A socket of a stream of bytes, both directions over one descriptor: see {@link Duplex}. */
  STREAM_SOCKET,
  /** A socket where each write is one message, likewise. */
  MESSAGE_SOCKET,
  /**
   * One direction of a Unix stream socket. Another descriptor of the same socket has the other
   * direction, so that closing alone would tell the peer nothing.
   */
  ONE_WAY_SOCKET;

  /**
   * Four times the speed across processors, and no loss on one; more than that is slower again. Not
   * from the start, as the user's quota of pipe memory ({@code pipe(7)}) ends at some 250 such
   * pipes.
   */
  private static final int CAPACITY_OF_A_FAST_PIPE = 512 * 1024;

  /** Whether descriptors can be sent along. */
  boolean isSocket() {
    return this == STREAM_SOCKET || this == MESSAGE_SOCKET || this == ONE_WAY_SOCKET;
  }

  /** Whether a short read means that it was empty. */
  boolean isPipe(Kernel kernel, int fd) {
    return switch (this) {
      case PIPE, PIPE_OF_FIXED_SIZE -> true;
      case STREAM_SOCKET, MESSAGE_SOCKET, ONE_WAY_SOCKET -> false;
      case ANY -> kernel.pipeCapacity(fd) >= 0;
    };
  }

  /** Whether there is nothing to read. */
  boolean isEmpty(Kernel kernel, int fd) {
    return kernel.available(fd) == 0;
  }

  /** Ends one direction, {@link Sockets#SHUT_READ} or {@link Sockets#SHUT_WRITE}. */
  void shutdown(int fd, int direction) {
    if (this == ONE_WAY_SOCKET) {
      Sockets.system().shutdown(fd, direction); // fails where the peer is gone, and is not needed
    }
  }

  /**
   * Whether a failed {@code read} says that there are no more writers. A Unix socket says {@code
   * ECONNRESET} where its peer has left something unread, and does so once: behind all that the
   * peer had sent.
   */
  boolean isEndOfFile(SystemCallException failure) {
    return this == ONE_WAY_SOCKET && failure.is(Errno.ECONNRESET);
  }

  /**
   * Whether an error beside a hang-up is no reason to leave the verdict to a read. That of a Unix
   * socket says no more than that its peer has left something unread.
   */
  boolean hangsUpWithError() {
    return this == ONE_WAY_SOCKET;
  }

  /**
   * Whether a failed {@code write} says that there are no more readers. Besides {@code EPIPE} there
   * are those of sockets: a peer that closed with something unread, or a datagram's.
   */
  boolean isReaderGone(SystemCallException failure) {
    return failure.is(Errno.EPIPE)
        || failure.is(Errno.ECONNRESET)
        || failure.is(Errno.ECONNREFUSED);
  }

  /** Enlarges a pipe that has proved fast; a refusal leaves it as it is. */
  void grow(Kernel kernel, int fd) {
    if (this == ANY || this == PIPE) {
      kernel.setPipeCapacity(fd, CAPACITY_OF_A_FAST_PIPE);
    }
  }
}
