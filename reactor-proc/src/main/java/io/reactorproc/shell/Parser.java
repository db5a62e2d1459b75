/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Node.Assignment;
import io.reactorproc.shell.Node.Redirectable;
import io.reactorproc.shell.Node.Simple;
import io.reactorproc.shell.Token.Arrow;
import io.reactorproc.shell.Token.Operator;
import io.reactorproc.shell.Token.Symbol;
import io.reactorproc.shell.Token.Text;
import io.reactorproc.shell.Word.Placeholder;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the syntax tree of a script, by recursive descent with one token of look-ahead. Used once.
 *
 * <pre>{@code
 * script   : steps END
 * steps    : and_or ((';' | NEWLINE+) and_or)* [';' | NEWLINE+]
 * and_or   : pipeline (('&&' | '||') pipeline)*
 * pipeline : ['!'] stage (('|' | '|&') stage)*
 * stage    : (simple | '{' steps '}' | '(' steps ')') redirect*
 * simple   : (assignment | redirect)* word (word | redirect)*
 * }</pre>
 */
final class Parser {
  private static final int DEEPEST = 64;

  private final Source source;
  private final Lexer lexer;
  private final RedirectReader redirects;
  private Token token;
  private int depth;

  Parser(Source source) {
    this.source = source;
    this.lexer = new Lexer(source);
    this.redirects = new RedirectReader(source);
    this.token = lexer.next();
  }

  /** The tree of the whole script. */
  Node script() {
    skipNewlines();
    if (is(Operator.END)) {
      throw source.error(token.at(), "there is nothing to run");
    }
    Node steps = steps();
    if (!is(Operator.END)) {
      throw unexpected();
    }
    return steps;
  }

  /** The placeholders of the script in their order, once it is parsed. */
  List<Placeholder> placeholders() {
    return lexer.placeholders();
  }

  private Node steps() {
    List<Node> nodes = new ArrayList<>();
    do {
      nodes.add(andOr());
    } while (separator() && !endsSteps());
    return nodes.size() == 1 ? nodes.get(0) : new Node.Steps(nodes);
  }

  private boolean separator() {
    if (is(Operator.SEMICOLON)) {
      advance();
    } else if (!is(Operator.NEWLINE)) {
      return false;
    }
    skipNewlines();
    return true;
  }

  private boolean endsSteps() {
    return is(Operator.END) || is(Operator.CLOSE) || isReserved("}");
  }

  private Node andOr() {
    Node first = pipeline();
    List<Node.Link> rest = new ArrayList<>();
    while (is(Operator.AND) || is(Operator.OR)) {
      boolean onSuccess = is(Operator.AND);
      advance();
      skipNewlines();
      rest.add(new Node.Link(onSuccess, pipeline()));
    }
    return rest.isEmpty() ? first : new Node.Choice(first, rest);
  }

  private Node pipeline() {
    boolean not = isReserved("!");
    if (not) {
      advance();
    }
    List<Redirectable> stages = new ArrayList<>();
    stages.add(stage());
    while (is(Operator.PIPE) || is(Operator.PIPE_ALL)) {
      if (is(Operator.PIPE_ALL)) {
        int last = stages.size() - 1;
        stages.set(last, stages.get(last).with(Redirect.copy(2, 1, token.at())));
      }
      advance();
      skipNewlines();
      stages.add(stage());
    }
    Node node = stages.size() == 1 ? stages.get(0) : new Node.Pipe(stages);
    return not ? new Node.Not(node) : node;
  }

  private Redirectable stage() {
    if (is(Operator.OPEN)) {
      return group(Operator.CLOSE.toString());
    }
    if (isReserved("{")) {
      return group("}");
    }
    return simple();
  }

  private Redirectable group(String closing) {
    int open = token.at();
    if (++depth > DEEPEST) {
      throw source.error(open, "groups are nested too deeply");
    }
    advance();
    skipNewlines();
    Node body = steps();
    boolean closed = closing.equals("}") ? isReserved("}") : is(Operator.CLOSE);
    if (!closed) {
      throw is(Operator.END)
          ? source.error(open, "this " + source.at(open) + " is never closed" + hint(closing))
          : unexpected();
    }
    advance();
    depth--;
    List<Redirect> all = new ArrayList<>();
    while (token instanceof Arrow arrow) {
      redirect(arrow, all);
    }
    if (token instanceof Text text && !text.word().is("}")) {
      throw source.error(text.at(), "an operator is expected behind a group");
    }
    return new Node.Group(body, all);
  }

  private static String hint(String closing) {
    return closing.equals("}") ? ": } ends a group only as a command, behind ; or a newline" : "";
  }

  private Simple simple() {
    int start = token.at();
    List<Assignment> assignments = new ArrayList<>();
    List<Word> words = new ArrayList<>();
    List<Redirect> all = new ArrayList<>();
    while (true) {
      if (token instanceof Arrow arrow) {
        redirect(arrow, all);
      } else if (token instanceof Text text) {
        Word word = text.word();
        if (words.isEmpty() && AssignmentReader.isAssignment(word)) {
          assignments.add(AssignmentReader.read(word));
        } else {
          if (words.isEmpty()) {
            checkName(word, assignments.isEmpty() && all.isEmpty());
          }
          words.add(word);
        }
        advance();
        refuseParenthesis(word, !assignments.isEmpty() && words.isEmpty());
      } else {
        break;
      }
    }
    if (words.isEmpty()) {
      throw noCommand(start, assignments, all);
    }
    return new Simple(assignments, words, all, words.get(0).at());
  }

  private void checkName(Word word, boolean first) {
    if (first && (word.is("}") || word.is("{") || word.is("!"))) {
      throw unexpected();
    }
    String unsupported = word.text().map(Unsupported::command).orElse(null);
    if (unsupported != null) {
      throw source.error(word.at(), unsupported);
    }
  }

  private void refuseParenthesis(Word before, boolean assignment) {
    if (is(Operator.OPEN)) {
      throw source.error(
          before.at(),
          assignment
              ? "arrays are not supported: give a Collection as the value of {}"
              : "functions are not supported: write a method in Java; a literal ( wants quotes");
    }
  }

  private ShellSyntaxException noCommand(
      int start, List<Assignment> assignments, List<Redirect> redirects) {
    if (!assignments.isEmpty()) {
      return source.error(
          start,
          "an assignment without a command is not supported: set "
              + assignments.get(0).name()
              + " with Script.env, or give a value for {}");
    }
    return redirects.isEmpty()
        ? unexpected()
        : source.error(start, "a redirection without a command: write : before it");
  }

  private void redirect(Arrow arrow, List<Redirect> to) {
    advance();
    if (!(token instanceof Text text)) {
      throw redirects.noTarget(arrow, token);
    }
    redirects.read(arrow, text.word(), to);
    advance();
  }

  private void advance() {
    token = lexer.next();
  }

  private void skipNewlines() {
    while (is(Operator.NEWLINE)) {
      advance();
    }
  }

  private boolean is(Operator operator) {
    return token instanceof Symbol symbol && symbol.operator() == operator;
  }

  private boolean isReserved(String word) {
    return token instanceof Text text && text.word().is(word);
  }

  private ShellSyntaxException unexpected() {
    String what =
        token instanceof Symbol symbol
            ? symbol.operator().toString()
            : token instanceof Text text ? text.word().text().orElse("this") : "this";
    return source.error(token.at(), "a command is expected before " + what);
  }
}
