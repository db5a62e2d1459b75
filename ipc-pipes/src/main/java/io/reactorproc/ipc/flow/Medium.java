/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.reactorproc.ipc.sys.Kernel;

/** What a channel is known to read from or write to. */
public enum Medium {
  /** Whatever can be watched; a pipe is enlarged once its stream proves fast. */
  ANY,
  /** A pipe, enlarged once its stream proves fast. */
  PIPE,
  /** A pipe whose capacity somebody has chosen. */
  PIPE_OF_FIXED_SIZE,
  /** A socket of a stream of bytes. */
  STREAM_SOCKET,
  /** A socket where each write is one message. */
  MESSAGE_SOCKET;

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

  /** Enlarges a pipe that has proved fast; a refusal leaves it as it is. */
  void grow(Kernel kernel, int fd) {
    if (this == ANY || this == PIPE) {
      kernel.setPipeCapacity(fd, CAPACITY_OF_A_FAST_PIPE);
    }
  }
}
