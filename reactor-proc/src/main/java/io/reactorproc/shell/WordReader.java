/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Word.Form;
import io.reactorproc.shell.Word.Parameter;
import io.reactorproc.shell.Word.Placeholder;
import io.reactorproc.shell.Word.Tilde;
import java.util.ArrayList;
import java.util.List;

/** Reads words: quotes, escapes, parameters and placeholders. For one {@link Lexer}. */
final class WordReader {
  private static final String ENDS_A_WORD = " \t\n;&|<>()";
  private static final String SPECIAL_PARAMETERS = "@*#?$!-0123456789";
  private static final String ESCAPED_IN_QUOTES = "$`\"\\";
  private static final int DEEPEST = 32;

  /** Where text stands, which decides what is special in it. */
  private enum Context {
    /** Outside of quotes. */
    PLAIN,
    /** In double quotes. */
    QUOTED,
    /** In <code>${NAME-...}</code>, outside of quotes. */
    BRACES,
    /** In <code>"${NAME-...}"</code>. */
    QUOTED_BRACES;

    boolean isQuoted() {
      return this == QUOTED || this == QUOTED_BRACES;
    }

    boolean isBraces() {
      return this == BRACES || this == QUOTED_BRACES;
    }
  }

  private final Source source;
  private int at;
  private final List<Placeholder> placeholders = new ArrayList<>();
  private int depth;

  WordReader(Source source) {
    this.source = source;
  }

  /** The word that begins here; {@link #end} is behind it then. */
  Word read(int start) {
    at = start;
    WordParts parts = new WordParts();
    readParts(parts, Context.PLAIN);
    return new Word(parts.toList(), start);
  }

  int end() {
    return at;
  }

  List<Placeholder> placeholders() {
    return placeholders;
  }

  private void readParts(WordParts parts, Context context) {
    int start = at;
    while (!isEnd(context)) {
      char c = source.at(at);
      boolean quoted = context.isQuoted();
      if (c == '\\') {
        escape(parts, context);
      } else if (c == '$') {
        dollar(parts, context);
      } else if (c == '`') {
        throw source.error(at, "`...` " + Unsupported.COMMAND_SUBSTITUTION);
      } else if (c == '"' && context != Context.QUOTED) {
        doubleQuotes(parts);
      } else if (c == '\'' && !quoted) {
        singleQuotes(parts);
      } else if (c == '{' && source.at(at + 1) == '}') {
        Placeholder placeholder = new Placeholder(placeholders.size(), at);
        placeholders.add(placeholder);
        parts.add(placeholder);
        at += 2;
      } else if (c == '~' && at == start && !quoted) {
        tilde(parts, context);
      } else {
        parts.text(c, quoted);
        at++;
      }
    }
  }

  private boolean isEnd(Context context) {
    if (at >= source.length()) {
      return true;
    }
    char c = source.at(at);
    return switch (context) {
      case PLAIN -> ENDS_A_WORD.indexOf(c) >= 0;
      case QUOTED -> c == '"';
      case BRACES, QUOTED_BRACES -> c == '}';
    };
  }

  private void escape(WordParts parts, Context context) {
    if (at + 1 >= source.length()) {
      throw source.error(at, "a backslash at the end of the script escapes nothing");
    }
    char next = source.at(at + 1);
    if (next == '\n') {
      at += 2;
      return;
    }
    boolean escapes =
        !context.isQuoted()
            || ESCAPED_IN_QUOTES.indexOf(next) >= 0
            || (context.isBraces() && next == '}');
    if (escapes) {
      parts.text(next, true);
      at += 2;
    } else {
      parts.text('\\', true);
      at++;
    }
  }

  private void singleQuotes(WordParts parts) {
    int end = source.text().indexOf('\'', at + 1);
    if (end < 0) {
      throw source.error(at, "this ' is never closed");
    }
    parts.quoted(source.text().substring(at + 1, end));
    at = end + 1;
  }

  private void doubleQuotes(WordParts parts) {
    int open = at++;
    parts.quoted("");
    readParts(parts, Context.QUOTED);
    if (at >= source.length()) {
      throw source.error(open, "this \" is never closed");
    }
    at++;
  }

  /** Only by itself or before a slash: the homes of other users are not looked up. */
  private void tilde(WordParts parts, Context context) {
    char next = source.at(at + 1);
    boolean ends =
        next == '/'
            || (context.isBraces() ? next == '}' : ENDS_A_WORD.indexOf(next) >= 0)
            || at + 1 >= source.length();
    if (ends) {
      parts.add(new Tilde());
    } else if (Character.isLetterOrDigit(next) || next == '_') {
      throw source.error(
          at, "~user is not supported: give the path as a value, or quote a literal ~");
    } else {
      parts.text('~', false);
    }
    at++;
  }

  private void dollar(WordParts parts, Context context) {
    char next = source.at(at + 1);
    if (next == '(') {
      boolean arithmetic = source.at(at + 2) == '(';
      throw source.error(
          at,
          arithmetic
              ? "$((...)) is not supported: calculate in Java and give the number as a value"
              : "$(...) " + Unsupported.COMMAND_SUBSTITUTION);
    }
    if (next == '{') {
      braces(parts, context);
    } else if (isNameStart(next)) {
      int start = at + 1;
      parts.add(new Parameter(name(start), Form.VALUE, nothing(start), context.isQuoted()));
    } else if (next == '\'' && !context.isQuoted()) {
      AnsiQuotes quotes = new AnsiQuotes(source, at);
      parts.quoted(quotes.text());
      at = quotes.end();
    } else if (next == '"' && !context.isQuoted()) {
      throw source.error(at, "$\"...\" is not supported: leave out the $");
    } else if (SPECIAL_PARAMETERS.indexOf(next) >= 0 && at + 1 < source.length()) {
      throw source.error(at, "$" + next + " " + Unsupported.SPECIAL_PARAMETER);
    } else {
      parts.text('$', true);
      at++;
    }
  }

  private void braces(WordParts parts, Context context) {
    int open = at;
    int start = open + 2;
    boolean length = source.at(start) == '#' && isNameStart(source.at(start + 1));
    if (!isNameStart(source.at(length ? start + 1 : start))) {
      throw source.error(open, "only ${NAME...} of variables of the environment is supported");
    }
    String name = name(length ? start + 1 : start);
    Form form = length ? Form.LENGTH : form(open);
    Word other = nothing(at);
    if (form != Form.VALUE && form != Form.LENGTH) {
      other = alternative(open, context.isQuoted() ? Context.QUOTED_BRACES : Context.BRACES);
    }
    if (source.at(at) != '}') {
      throw source.error(
          open, at >= source.length() ? "this ${ is never closed" : Unsupported.PARAMETER_FORM);
    }
    at++;
    parts.add(new Parameter(name, form, other, context.isQuoted()));
  }

  private Word alternative(int open, Context context) {
    if (++depth > DEEPEST) {
      throw source.error(open, "${ is nested too deeply");
    }
    int start = at;
    WordParts parts = new WordParts();
    readParts(parts, context);
    depth--;
    return new Word(parts.toList(), start);
  }

  private Form form(int open) {
    boolean colon = source.at(at) == ':';
    return switch (source.at(colon ? at + 1 : at)) {
      case '-' -> skip(colon ? 2 : 1, colon ? Form.IF_EMPTY : Form.IF_UNSET);
      case '+' -> skip(colon ? 2 : 1, colon ? Form.IF_FILLED : Form.IF_SET);
      case '}' -> {
        if (colon) {
          throw source.error(open, Unsupported.PARAMETER_FORM);
        }
        yield Form.VALUE;
      }
      default ->
          throw source.error(
              open, at >= source.length() ? "this ${ is never closed" : Unsupported.PARAMETER_FORM);
    };
  }

  private Form skip(int length, Form form) {
    at += length;
    return form;
  }

  private static Word nothing(int at) {
    return new Word(List.of(), at);
  }

  /** The name that begins here; moves behind it. */
  private String name(int start) {
    at = start;
    while (isNamePart(source.at(at))) {
      at++;
    }
    return source.text().substring(start, at);
  }

  static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  static boolean isNamePart(char c) {
    return isNameStart(c) || (c >= '0' && c <= '9');
  }
}
