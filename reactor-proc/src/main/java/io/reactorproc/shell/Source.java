/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

/**
 * The text of a script, and how to point at a place in it. A position is an index into the text.
 */
record Source(String text) {
  private static final int MOST_SHOWN = 72;

  int length() {
    return text.length();
  }

  /** The character at a position, or NUL behind the end: no script holds one. */
  char at(int position) {
    return position < text.length() ? text.charAt(position) : '\0';
  }

  boolean startsWith(String prefix, int position) {
    return text.startsWith(prefix, position);
  }

  /** The error that shows this place. */
  ShellSyntaxException error(int position, String what) {
    int start = text.lastIndexOf('\n', position - 1) + 1;
    int newline = text.indexOf('\n', start);
    int end = newline < 0 ? text.length() : newline;
    int line = 1 + (int) text.substring(0, start).chars().filter(c -> c == '\n').count();
    int column = position - start + 1;
    return new ShellSyntaxException(
        line,
        column,
        "line " + line + ", column " + column + ": " + what + excerpt(start, end, position));
  }

  /** The line, cut to what surrounds the place, and a caret under it. */
  private String excerpt(int start, int end, int position) {
    int from = Math.max(start, position - MOST_SHOWN / 2);
    int to = Math.min(end, from + MOST_SHOWN);
    String before = from > start ? "..." : "";
    String after = to < end ? "..." : "";
    String shown = printable(text.substring(from, to));
    String indent = " ".repeat(before.length() + position - from);
    return "\n  " + before + shown + after + "\n  " + indent + "^";
  }

  /** One column for each character, so that the caret stands under the right one. */
  private static String printable(String text) {
    StringBuilder shown = new StringBuilder(text);
    for (int i = 0; i < shown.length(); i++) {
      if (Character.isISOControl(shown.charAt(i))) {
        shown.setCharAt(i, ' ');
      }
    }
    return shown.toString();
  }
}
