/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

/** The peer asked, and nobody here answers requests: see {@link ExchangeSpec#onRequest}. */
public final class NoHandlerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoHandlerException() {
    super("no handler for requests");
  }
}
