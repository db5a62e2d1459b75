/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** C strings, and commands as text. */
final class Strings {
  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
  private static final Charset FILE_NAMES = fileNames();
  private static final int MOST_SHOWN = 2000;

  private Strings() {}

  static String checkNoNul(String string, String what) {
    Objects.requireNonNull(string, what);
    int at = string.indexOf('\0');
    if (at >= 0) {
      throw new InvalidCommandException(what + " holds a NUL character at index " + at);
    }
    return string;
  }

  /** A path as the kernel wants it: in the charset that Java decoded it with, and with its NUL. */
  static byte[] cPath(Path path) {
    return (checkNoNul(path.toString(), "a path") + '\0').getBytes(FILE_NAMES);
  }

  private static Charset fileNames() {
    String name = System.getProperty("sun.jnu.encoding", "UTF-8");
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }

  /** An argument vector as a shell's user would write it, on one line, of bounded length. */
  static String render(List<String> argv) {
    String line = argv.stream().map(Strings::quote).collect(Collectors.joining(" "));
    return line.length() <= MOST_SHOWN ? line : line.substring(0, MOST_SHOWN) + "...";
  }

  private static String quote(String word) {
    if (NEEDS_NO_QUOTES.matcher(word).matches()) {
      return word;
    }
    if (word.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      return "$'" + word.chars().mapToObj(Strings::escape).collect(Collectors.joining()) + "'";
    }
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static String escape(int c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      case '\'' -> "\\'";
      case '\\' -> "\\\\";
      default -> c < ' ' || c == 0x7f ? String.format("\\x%02x", c) : String.valueOf((char) c);
    };
  }
}
