/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The size of a terminal's window, {@code struct winsize}. 0 means that it is not known.
 *
 * @param columns characters in a row
 * @param rows of the screen
 * @param widthPixels of the whole window
 * @param heightPixels of the whole window
 */
public record TerminalSize(int columns, int rows, int widthPixels, int heightPixels) {
  private static final int MOST = 0xFFFF;

  /**
   * A size.
   *
   * @throws IllegalArgumentException for a number that is not 0 to 65535
   */
  public TerminalSize {
    check(columns);
    check(rows);
    check(widthPixels);
    check(heightPixels);
  }

  /** A size in characters; nothing is known of the pixels. */
  public static TerminalSize of(int columns, int rows) {
    return new TerminalSize(columns, rows, 0, 0);
  }

  private static void check(int number) {
    if (number < 0 || number > MOST) {
      throw new IllegalArgumentException(
          "the size of a terminal is given in numbers from 0 to " + MOST + ", not " + number);
    }
  }

  /** Whether both columns and rows are known. */
  public boolean isKnown() {
    return columns > 0 && rows > 0;
  }

  /** Such as {@code 80x24}, the columns first. */
  @Override
  public String toString() {
    return columns + "x" + rows;
  }
}
