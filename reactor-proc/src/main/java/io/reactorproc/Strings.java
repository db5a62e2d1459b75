/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
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

  /** A path of the file system that the kernel knows. */
  static Path checkPath(Path path, String what) {
    if (path.getFileSystem() != FileSystems.getDefault()) {
      throw new InvalidCommandException(what + " is not in the default file system: " + path);
    }
    return path;
  }

  /** A path as the kernel wants it: the bytes of its names, and a NUL. */
  static byte[] cPath(Path path) {
    String text = path.toString();
    return isLossy(path, text) ? rawPath(path) : (text + '\0').getBytes(FILE_NAMES);
  }

  /** A name in the file system need not be text in any charset; Java's Path keeps its bytes. */
  private static boolean isLossy(Path path, String text) {
    try {
      return !Path.of(text).equals(path);
    } catch (InvalidPathException e) {
      return true;
    }
  }

  /** The URI of a path has all its bytes, each one that is no plain character as {@code %xx}. */
  private static byte[] rawPath(Path path) {
    String encoded = path.toUri().getRawPath();
    byte[] bytes = new byte[encoded.length() + 1];
    int length = 0;
    for (int i = 0; i < encoded.length(); i++) {
      if (encoded.charAt(i) == '%') {
        bytes[length++] = (byte) Integer.parseInt(encoded, i + 1, i + 3, 16);
        i += 2;
      } else {
        bytes[length++] = (byte) encoded.charAt(i);
      }
    }
    return Arrays.copyOf(bytes, length + 1);
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
