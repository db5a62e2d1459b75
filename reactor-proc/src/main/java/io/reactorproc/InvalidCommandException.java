/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/** A command cannot be what it was asked to be; thrown before anything is started. */
public final class InvalidCommandException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidCommandException(String message) {
    super(message);
  }
}
