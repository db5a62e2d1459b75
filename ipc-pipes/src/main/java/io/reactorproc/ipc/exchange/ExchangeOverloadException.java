/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

/**
 * More requests wait than may: one of ours fails with it and is not sent; one of the peer's is
 * refused with it and is not handled.
 */
public final class ExchangeOverloadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int limit;

  ExchangeOverloadException(int limit) {
    super("too many requests: " + limit + " wait already");
    this.limit = limit;
  }

  /** How many may wait. */
  public int limit() {
    return limit;
  }
}
