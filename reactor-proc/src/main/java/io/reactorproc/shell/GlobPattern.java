/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pattern for one name of a path: {@code *}, {@code ?} and {@code [...]} where they are not
 * quoted. A value. Matching takes time in proportion to pattern times name at most.
 */
final class GlobPattern {
  /** What stands for one character; a star is null. */
  private final List<@Nullable CharacterSet> elements = new ArrayList<>();

  private final boolean takesDots;

  GlobPattern(Field field) {
    String text = field.text();
    takesDots = text.startsWith(".");
    int at = 0;
    while (at < text.length()) {
      if (field.isSpecial(at, '*')) {
        elements.add(null);
        at++;
      } else if (field.isSpecial(at, '?')) {
        elements.add(c -> true);
        at++;
      } else if (field.isSpecial(at, '[') && BracketReader.end(field, at) > 0) {
        elements.add(BracketReader.read(field, at));
        at = BracketReader.end(field, at);
      } else {
        int expected = text.codePointAt(at);
        elements.add(c -> c == expected);
        at += Character.charCount(expected);
      }
    }
  }

  /** Whether the name is one of those meant; one that begins with a dot has to be named so. */
  boolean matches(String name) {
    if (name.startsWith(".") && !takesDots) {
      return false;
    }
    int[] characters = name.codePoints().toArray();
    int element = 0;
    int character = 0;
    int star = -1;
    int retry = 0;
    while (character < characters.length) {
      CharacterSet set = element < elements.size() ? elements.get(element) : null;
      if (set != null && set.contains(characters[character])) {
        element++;
        character++;
      } else if (set == null && element < elements.size()) {
        star = element++;
        retry = character;
      } else if (star >= 0) {
        // The last star takes one more; those before it need not change.
        element = star + 1;
        character = ++retry;
      } else {
        return false;
      }
    }
    while (element < elements.size() && elements.get(element) == null) {
      element++;
    }
    return element == elements.size();
  }

  /** The characters that one element stands for. */
  @FunctionalInterface
  interface CharacterSet {
    boolean contains(int character);
  }
}
