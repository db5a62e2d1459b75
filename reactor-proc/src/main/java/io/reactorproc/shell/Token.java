/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

/** What the {@link Lexer} cuts a script into. */
sealed interface Token {
  /** Where it begins. */
  int at();

  /** A word. */
  record Text(Word word) implements Token {
    @Override
    public int at() {
      return word.at();
    }
  }

  /** Something of fixed spelling. */
  record Symbol(Operator operator, int at) implements Token {}

  /** The begin of a redirection; a word follows. */
  record Arrow(String spelling, int descriptor, int at) implements Token {}

  /** Operators other than redirections. */
  enum Operator {
    AND("&&"),
    OR("||"),
    PIPE("|"),
    PIPE_ALL("|&"),
    SEMICOLON(";"),
    NEWLINE("the end of the line"),
    OPEN("("),
    CLOSE(")"),
    END("the end of the script");

    private final String spelling;

    Operator(String spelling) {
      this.spelling = spelling;
    }

    @Override
    public String toString() {
      return spelling;
    }
  }
}
