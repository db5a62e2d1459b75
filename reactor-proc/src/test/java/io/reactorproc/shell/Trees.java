/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Node.Assignment;
import io.reactorproc.shell.Node.Simple;
import io.reactorproc.shell.Word.Literal;
import io.reactorproc.shell.Word.Parameter;
import io.reactorproc.shell.Word.Placeholder;
import java.util.List;
import java.util.stream.Collectors;

/** Syntax trees as one line of text, for comparisons: text in quotes is shown in ‹...›. */
final class Trees {
  private Trees() {}

  static String of(String script) {
    return show(new Parser(new Source(script)).script());
  }

  static String show(Node node) {
    if (node instanceof Node.Steps steps) {
      return "(; " + all(steps.nodes()) + ")";
    }
    if (node instanceof Node.Choice choice) {
      String shown = show(choice.first());
      for (Node.Link link : choice.rest()) {
        shown = (link.onSuccess() ? "(&& " : "(|| ") + shown + " " + show(link.node()) + ")";
      }
      return shown;
    }
    if (node instanceof Node.Not not) {
      return "(! " + show(not.node()) + ")";
    }
    if (node instanceof Node.Pipe pipe) {
      return "(| " + all(pipe.stages()) + ")";
    }
    if (node instanceof Node.Group group) {
      return "{" + show(group.body()) + redirects(group.redirects()) + "}";
    }
    Simple simple = (Simple) node;
    return "["
        + simple.assignments().stream().map(Trees::show).collect(Collectors.joining())
        + simple.words().stream().map(Trees::show).collect(Collectors.joining(" "))
        + redirects(simple.redirects())
        + "]";
  }

  private static String all(List<? extends Node> nodes) {
    return nodes.stream().map(Trees::show).collect(Collectors.joining(" "));
  }

  private static String show(Assignment assignment) {
    return assignment.name() + "=" + show(assignment.value()) + " ";
  }

  private static String redirects(List<Redirect> redirects) {
    return redirects.stream().map(r -> " " + show(r)).collect(Collectors.joining());
  }

  private static String show(Redirect redirect) {
    return redirect.descriptor()
        + switch (redirect.kind()) {
          case READ -> "<" + show(redirect.word());
          case WRITE -> ">" + show(redirect.word());
          case APPEND -> ">>" + show(redirect.word());
          case TEXT -> "<<<" + show(redirect.word());
          case COPY -> ">&" + redirect.source();
        };
  }

  static String show(Word word) {
    return word.parts().stream().map(Trees::show).collect(Collectors.joining("+"));
  }

  private static String show(Word.Part part) {
    if (part instanceof Literal literal) {
      return literal.quoted() ? "‹" + literal.text() + "›" : literal.text();
    }
    if (part instanceof Placeholder placeholder) {
      return "{" + placeholder.index() + "}";
    }
    if (part instanceof Parameter parameter) {
      String shown =
          "$" + parameter.name() + ":" + parameter.form() + "(" + show(parameter.other()) + ")";
      return parameter.quoted() ? "‹" + shown + "›" : shown;
    }
    return "~";
  }
}
