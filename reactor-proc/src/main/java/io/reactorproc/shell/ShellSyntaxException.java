/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

/**
 * A script that is malformed, uses what {@link Shell} does not have, or does not fit its values.
 * Thrown by {@link Shell#sh}, before anything is started. The message tells line and column, what
 * to use instead, and shows the place.
 */
public final class ShellSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  ShellSyntaxException(int line, int column, String message) {
    super(message);
    this.line = line;
    this.column = column;
  }

  /** The line of the script, counted from 1. */
  public int line() {
    return line;
  }

  /** The character ({@code char}) in that line, counted from 1. */
  public int column() {
    return column;
  }
}
