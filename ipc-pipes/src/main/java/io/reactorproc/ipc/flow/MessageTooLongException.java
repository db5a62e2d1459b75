/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import java.io.IOException;

/** A peer sent a message that is longer than was to be taken; it is lost, with what followed. */
public final class MessageTooLongException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int length;
  private final int limit;

  /**
   * Makes the exception.
   *
   * @param length bytes of the message
   * @param limit bytes that were to be taken at most
   */
  public MessageTooLongException(int length, int limit) {
    super("a message of " + length + " bytes came, the limit is " + limit);
    this.length = length;
    this.limit = limit;
  }

  /** Bytes of the message. */
  public int length() {
    return length;
  }

  /** Bytes that were to be taken at most. */
  public int limit() {
    return limit;
  }
}
