/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import org.jspecify.annotations.Nullable;

/**
 * The exchange is over, or the peer reads or writes no more, so that there will be no answer. The
 * cause is what ended it, if that was an error.
 */
public final class ExchangeClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ExchangeClosedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
