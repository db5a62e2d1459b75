/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

/** Text of a child made harmless: control characters become visible escapes. */
final class Printable {
  private static final String HEX = "0123456789abcdef";

  private Printable() {}

  /** Appends the text; {@code ESC} becomes {@code \x1b}, a tab stays. */
  static void append(StringBuilder to, String text) {
    int clean = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isControl(c)) {
        to.append(text, clean, i)
            .append("\\x")
            .append(HEX.charAt(c >> 4))
            .append(HEX.charAt(c & 15));
        clean = i + 1;
      }
    }
    to.append(text, clean, text.length());
  }

  /** C0 without the tab, DEL, and C1. */
  private static boolean isControl(char c) {
    return c < ' ' ? c != '\t' : c >= 0x7f && c < 0xa0;
  }
}
