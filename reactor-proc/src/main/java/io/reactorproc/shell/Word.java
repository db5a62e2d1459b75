/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.List;
import java.util.Optional;

/**
 * A word as it is written: pieces of text, parameters and placeholders. Expanding it gives none,
 * one or several arguments. A value.
 *
 * @param at where it begins
 */
record Word(List<Part> parts, int at) {

  /** A piece of a word; {@code quoted} ones are neither split nor looked at for globs. */
  sealed interface Part {}

  /** Text as it is. */
  record Literal(String text, boolean quoted) implements Part {}

  /** {@code ~} at the begin of a word: the home directory. */
  record Tilde() implements Part {}

  /** {@code $NAME} and its relatives in braces. */
  record Parameter(String name, Form form, Word other, boolean quoted) implements Part {}

  /**
   * <code>{}</code>.
   *
   * @param index which one it is in the script, counted from 0
   */
  record Placeholder(int index, int at) implements Part {}

  /** What stands behind the name of a parameter. */
  enum Form {
    /** Nothing. */
    VALUE,
    /** {@code ${#NAME}}: how many characters. */
    LENGTH,
    /** {@code ${NAME-word}}: the word where it is not set. */
    IF_UNSET,
    /** {@code ${NAME:-word}}: the word where it is not set or empty. */
    IF_EMPTY,
    /** {@code ${NAME+word}}: the word where it is set. */
    IF_SET,
    /** {@code ${NAME:+word}}: the word where it is set and not empty. */
    IF_FILLED
  }

  Word {
    parts = List.copyOf(parts);
  }

  /** The placeholder that the whole word is, unquoted. */
  Optional<Placeholder> placeholder() {
    return parts.size() == 1 && parts.get(0) instanceof Placeholder placeholder
        ? Optional.of(placeholder)
        : Optional.empty();
  }

  /** The text, where the word is nothing else, quoted or not. */
  Optional<String> text() {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      if (!(part instanceof Literal literal)) {
        return Optional.empty();
      }
      text.append(literal.text);
    }
    return Optional.of(text.toString());
  }

  /** Whether it is this text without a quote, as a reserved word has to be. */
  boolean is(String reserved) {
    return parts.size() == 1
        && parts.get(0) instanceof Literal literal
        && !literal.quoted
        && literal.text.equals(reserved);
  }
}
