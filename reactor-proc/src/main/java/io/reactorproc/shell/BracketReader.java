/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.GlobPattern.CharacterSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a bracket expression: {@code [a-z]}, {@code [!a]}, {@code [[:digit:]]}. */
final class BracketReader {
  private BracketReader() {}

  /** Behind the closing bracket, or -1 where there is none, and the opening one is plain text. */
  static int end(Field field, int open) {
    int at = first(field, open);
    int begin = at;
    while (at < field.text().length()) {
      int end = classEnd(field, at);
      if (end > 0) {
        at = end;
      } else if (field.isSpecial(at, ']') && at > begin) {
        return at + 1;
      } else {
        at++;
      }
    }
    return -1;
  }

  /** The set for an expression that has an {@link #end}. */
  static CharacterSet read(Field field, int open) {
    int first = first(field, open);
    int end = end(field, open) - 1;
    boolean negated = first > open + 1;
    List<CharacterSet> sets = new ArrayList<>();
    int at = first;
    while (at < end) {
      int classEnd = classEnd(field, at);
      if (classEnd > 0) {
        sets.add(named(field.text().substring(at + 2, classEnd - 2)));
        at = classEnd;
      } else {
        int low = field.text().codePointAt(at);
        at += Character.charCount(low);
        int high = low;
        if (at + 1 < end && field.isSpecial(at, '-')) {
          high = field.text().codePointAt(at + 1);
          at += 1 + Character.charCount(high);
        }
        sets.add(range(low, high));
      }
    }
    return c -> sets.stream().anyMatch(set -> set.contains(c)) != negated;
  }

  private static int first(Field field, int open) {
    int next = open + 1;
    boolean negated =
        next < field.text().length() && (field.isSpecial(next, '!') || field.isSpecial(next, '^'));
    return negated ? next + 1 : next;
  }

  private static CharacterSet range(int low, int high) {
    return c -> low <= c && c <= high;
  }

  /** Behind a named class that begins here, or -1. */
  private static int classEnd(Field field, int at) {
    if (!field.isSpecial(at, '[') || !field.text().startsWith(":", at + 1)) {
      return -1;
    }
    int close = field.text().indexOf(":]", at + 2);
    return close > 0 && set(field.text().substring(at + 2, close)) != null ? close + 2 : -1;
  }

  private static CharacterSet named(String name) {
    CharacterSet set = set(name);
    return set == null ? c -> false : set;
  }

  private static @Nullable CharacterSet set(String name) {
    return switch (name) {
      case "alnum" -> Character::isLetterOrDigit;
      case "alpha" -> Character::isLetter;
      case "blank" -> c -> c == ' ' || c == '\t';
      case "cntrl" -> Character::isISOControl;
      case "digit" -> c -> c >= '0' && c <= '9';
      case "graph" -> c -> !Character.isWhitespace(c) && !Character.isISOControl(c);
      case "lower" -> Character::isLowerCase;
      case "print" -> c -> !Character.isISOControl(c);
      case "punct" ->
          c -> c > ' ' && c < 127 && !Character.isLetterOrDigit(c); // as in the C locale
      case "space" -> Character::isWhitespace;
      case "upper" -> Character::isUpperCase;
      case "xdigit" -> c -> c < 128 && Character.digit(c, 16) >= 0;
      default -> null;
    };
  }
}
