/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Token.Arrow;
import io.reactorproc.shell.Token.Operator;
import io.reactorproc.shell.Token.Symbol;
import io.reactorproc.shell.Word.Placeholder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts a script into tokens, left to right. Used once. */
final class Lexer {
  /** The longest first, so that each is recognised whole. */
  private static final String[] ARROWS = {
    "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">", "&>>", "&>"
  };

  private final Source source;
  private final WordReader words;
  private int at;

  Lexer(Source source) {
    this.source = source;
    this.words = new WordReader(source);
    int nul = source.text().indexOf('\0');
    if (nul >= 0) {
      throw source.error(nul, "a script cannot hold a NUL character");
    }
  }

  /** The placeholders that have been met so far. */
  List<Placeholder> placeholders() {
    return words.placeholders();
  }

  Token next() {
    skipBlanks();
    if (at >= source.length()) {
      return new Symbol(Operator.END, source.length());
    }
    Arrow arrow = arrow();
    if (arrow != null) {
      return arrow;
    }
    return switch (source.at(at)) {
      case '\n' -> symbol(Operator.NEWLINE, 1);
      case ';' -> semicolon();
      case '&' -> ampersand();
      case '|' -> bar();
      case '(' -> open();
      case ')' -> symbol(Operator.CLOSE, 1);
      default -> word();
    };
  }

  private void skipBlanks() {
    while (at < source.length()) {
      char c = source.at(at);
      if (c == ' ' || c == '\t') {
        at++;
      } else if (c == '\\' && source.at(at + 1) == '\n') {
        at += 2;
      } else if (c == '#') {
        int newline = source.text().indexOf('\n', at);
        at = newline < 0 ? source.length() : newline;
      } else {
        return;
      }
    }
  }

  private Symbol symbol(Operator operator, int length) {
    Symbol symbol = new Symbol(operator, at);
    at += length;
    return symbol;
  }

  private Symbol semicolon() {
    if (source.at(at + 1) == ';') {
      throw source.error(at, ";; belongs to case, which is not supported: choose in Java");
    }
    return symbol(Operator.SEMICOLON, 1);
  }

  private Symbol ampersand() {
    if (source.at(at + 1) == '&') {
      return symbol(Operator.AND, 2);
    }
    throw source.error(
        at,
        "& (background) is not supported: subscribe to two scripts at once, as with Mono.zip;"
            + " a literal & wants quotes");
  }

  private Symbol bar() {
    return switch (source.at(at + 1)) {
      case '|' -> symbol(Operator.OR, 2);
      case '&' -> symbol(Operator.PIPE_ALL, 2);
      default -> symbol(Operator.PIPE, 1);
    };
  }

  private Symbol open() {
    if (source.at(at + 1) == '(') {
      throw source.error(
          at, "((...)) is not supported: calculate in Java; nested groups want a space, ( (");
    }
    return symbol(Operator.OPEN, 1);
  }

  /** A redirection, with the number that may stand right before it. */
  private @Nullable Arrow arrow() {
    int digits = at;
    while (isDigit(source.at(digits))) {
      digits++;
    }
    for (String spelling : ARROWS) {
      if (source.startsWith(spelling, digits) && (digits == at || spelling.charAt(0) != '&')) {
        Arrow arrow = new Arrow(spelling, descriptor(digits, spelling), at);
        at = digits + spelling.length();
        return arrow;
      }
    }
    return null;
  }

  private int descriptor(int digits, String spelling) {
    if (digits == at) {
      return spelling.charAt(0) == '<' ? 0 : 1;
    }
    if (digits - at > 1 || source.at(at) > '2') {
      throw source.error(
          at,
          "only the descriptors 0, 1 and 2 can be redirected: others with input() and output()"
              + " of a Command");
    }
    return source.at(at) - '0';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private Token word() {
    Word word = words.read(at);
    at = words.end();
    return new Token.Text(word);
  }
}
