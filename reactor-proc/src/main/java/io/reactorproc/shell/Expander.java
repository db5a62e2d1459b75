/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Word.Literal;
import io.reactorproc.shell.Word.Parameter;
import io.reactorproc.shell.Word.Part;
import io.reactorproc.shell.Word.Placeholder;
import io.reactorproc.shell.Word.Tilde;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns words into fields: values for placeholders, tildes, parameters, field splitting. Looks at
 * nothing but what it is given; globs are the business of {@link Globs}.
 */
final class Expander {
  private final Values values;
  private final Map<String, String> variables;

  Expander(Values values, Map<String, String> variables) {
    this.values = values;
    this.variables = variables;
  }

  /** What words of a command become: any number of fields. */
  List<Field> fields(List<Word> words) {
    Fields fields = new Fields(true);
    for (Word word : words) {
      word.placeholder()
          .ifPresentOrElse(
              placeholder -> all(placeholder, fields), () -> expand(word, false, fields));
      fields.end();
    }
    return fields.toList();
  }

  /** What the word of an assignment or redirection becomes: neither split nor a glob. */
  String text(Word word) {
    Fields fields = new Fields(false);
    expand(word, false, fields);
    fields.end();
    return fields.toList().stream().map(Field::text).collect(Collectors.joining());
  }

  private void all(Placeholder placeholder, Fields fields) {
    for (String text : values.words(placeholder)) {
      fields.quoted(text);
      fields.end();
    }
  }

  /**
   * Expands a word.
   *
   * @param inParameter whether it stands in <code>${NAME-word}</code>, unquoted: its plain text is
   *     split, too
   */
  private void expand(Word word, boolean inParameter, Fields fields) {
    for (Part part : word.parts()) {
      if (part instanceof Literal literal) {
        literal(literal, inParameter, fields);
      } else if (part instanceof Placeholder placeholder) {
        fields.quoted(values.text(placeholder));
      } else if (part instanceof Tilde) {
        home(fields);
      } else if (part instanceof Parameter parameter) {
        parameter(parameter, fields);
      }
    }
  }

  private static void literal(Literal literal, boolean inParameter, Fields fields) {
    if (literal.quoted()) {
      fields.quoted(literal.text());
    } else if (inParameter) {
      fields.expanded(literal.text());
    } else {
      fields.plain(literal.text());
    }
  }

  private void home(Fields fields) {
    String home = variables.get("HOME");
    if (home == null) {
      fields.plain("~");
    } else {
      fields.quoted(home);
    }
  }

  private void parameter(Parameter parameter, Fields fields) {
    String value = variables.get(parameter.name());
    switch (parameter.form()) {
      case VALUE -> value(parameter, value, fields);
      case LENGTH -> value(parameter, length(value), fields);
      case IF_UNSET -> valueOr(parameter, value, value != null, fields);
      case IF_EMPTY -> valueOr(parameter, value, value != null && !value.isEmpty(), fields);
      case IF_SET -> otherIf(parameter, value != null, fields);
      case IF_FILLED -> otherIf(parameter, value != null && !value.isEmpty(), fields);
    }
  }

  private static String length(@Nullable String value) {
    return String.valueOf(value == null ? 0 : value.codePointCount(0, value.length()));
  }

  private static void value(Parameter parameter, @Nullable String value, Fields fields) {
    String text = value == null ? "" : value;
    if (parameter.quoted()) {
      fields.quoted(text);
    } else {
      fields.expanded(text);
    }
  }

  private void valueOr(Parameter parameter, @Nullable String value, boolean use, Fields fields) {
    if (use) {
      value(parameter, value, fields);
    } else {
      other(parameter, fields);
    }
  }

  private void otherIf(Parameter parameter, boolean use, Fields fields) {
    if (use) {
      other(parameter, fields);
    }
  }

  private void other(Parameter parameter, Fields fields) {
    expand(parameter.other(), !parameter.quoted(), fields);
  }
}
