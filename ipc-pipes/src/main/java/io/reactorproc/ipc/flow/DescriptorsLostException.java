/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import java.io.IOException;

/**
 * Descriptors that came with a message could not all be received ({@code MSG_CTRUNC}): this process
 * is at its limit of open descriptors, or a security module refused. Those that did come are
 * closed, and the kernel has closed the others.
 */
public final class DescriptorsLostException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int received;

  /**
   * Makes the exception.
   *
   * @param received how many of them did come
   */
  public DescriptorsLostException(int received) {
    super(
        "descriptors that came with a message are lost, this process has probably too many open;"
            + " received were "
            + received);
    this.received = received;
  }

  /** How many of the descriptors did come; they are closed. */
  public int received() {
    return received;
  }
}
