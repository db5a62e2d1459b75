/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

/** Reads <code>$'...'</code>: quotes in which a backslash means what it means in C. */
final class AnsiQuotes {
  private static final String LETTERS = "abefnrtv\\'\"?";
  private static final String MEANINGS = "\u0007\b\u001b\f\n\r\t\u000b\\'\"?";

  private final Source source;
  private final StringBuilder text = new StringBuilder();
  private int at;

  /** Reads from the dollar sign to the closing quote. */
  AnsiQuotes(Source source, int open) {
    this.source = source;
    this.at = open + 2;
    while (source.at(at) != '\'') {
      if (at >= source.length()) {
        throw source.error(open, "this $' is never closed");
      }
      if (source.at(at) == '\\') {
        escape();
      } else {
        text.append(source.at(at++));
      }
    }
    at++;
  }

  String text() {
    return text.toString();
  }

  /** Behind the closing quote. */
  int end() {
    return at;
  }

  private void escape() {
    char c = source.at(at + 1);
    int meaning = LETTERS.indexOf(c);
    if (meaning >= 0 && at + 1 < source.length()) {
      text.append(MEANINGS.charAt(meaning));
      at += 2;
      return;
    }
    switch (c) {
      case 'x' -> number(at + 2, 2, 16, 0x7f);
      case 'u' -> number(at + 2, 4, 16, Character.MAX_CODE_POINT);
      case 'U' -> number(at + 2, 8, 16, Character.MAX_CODE_POINT);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> number(at + 1, 3, 8, 0x7f);
      default -> throw source.error(at, "this escape is unknown in $'...'");
    }
  }

  /** A character by its number; a single byte above 127 would be no text. */
  private void number(int start, int mostDigits, int radix, int greatest) {
    int end = start;
    while (end - start < mostDigits && Character.digit(source.at(end), radix) >= 0) {
      end++;
    }
    if (end == start) {
      throw source.error(at, "this escape wants digits");
    }
    long number = Long.parseLong(source.text().substring(start, end), radix);
    if (number == 0 || number > greatest) {
      throw source.error(
          at,
          number == 0
              ? "an argument cannot hold a NUL character"
              : "this is no character: above 127 use \\uHHHH with its number in Unicode");
    }
    text.appendCodePoint((int) number);
    at = end;
  }
}
