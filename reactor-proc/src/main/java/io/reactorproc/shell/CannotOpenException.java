/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

/** A file of a redirection cannot be opened: in a shell a status, so this never leaves the run. */
final class CannotOpenException extends Exception {
  private static final long serialVersionUID = 1L;

  CannotOpenException(String message, Throwable cause) {
    super(message, cause);
  }
}
