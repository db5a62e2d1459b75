/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Stdin;
import io.reactorproc.shell.Node.Assignment;
import io.reactorproc.shell.Node.Redirectable;
import io.reactorproc.shell.Node.Simple;
import io.reactorproc.shell.Redirect.Kind;
import io.reactorproc.shell.Word.Parameter;
import io.reactorproc.shell.Word.Part;
import io.reactorproc.shell.Word.Placeholder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of a script's placeholders, each checked against its place. Immutable. */
final class Values {
  private final Source source;
  private final List<Value> values;

  private Values(Source source, List<Value> values) {
    this.source = source;
    this.values = values;
  }

  /**
   * Takes the values that belong to a script.
   *
   * @throws ShellSyntaxException if one of them does not fit its place
   */
  static Values of(Source source, Node script, List<Placeholder> places, @Nullable Object[] given) {
    List<Value> values = new ArrayList<>();
    if (places.size() != given.length) {
      int at = places.size() > given.length ? places.get(given.length).at() : source.length();
      throw source.error(
          at,
          "the number of values, "
              + given.length
              + ", is not that of the placeholders, "
              + places.size()
              + "; a literal {} is written '{}'");
    }
    for (Placeholder place : places) {
      try {
        values.add(Value.of(given[place.index()]));
      } catch (IllegalArgumentException e) {
        throw source.error(place.at(), String.valueOf(e.getMessage()));
      }
    }
    Values all = new Values(source, List.copyOf(values));
    all.check(script);
    return all;
  }

  Value value(Placeholder placeholder) {
    return values.get(placeholder.index());
  }

  /** The value of a placeholder that is a whole word of a command. */
  List<String> words(Placeholder placeholder) {
    return value(placeholder) instanceof Value.Several several
        ? several.texts()
        : List.of(text(placeholder));
  }

  /** The value of a placeholder that is one word, or a part of it. */
  String text(Placeholder placeholder) {
    Value value = value(placeholder);
    if (value instanceof Value.Text text) {
      return text.text();
    }
    throw source.error(
        placeholder.at(),
        value instanceof Value.Several
            ? "several words want a {} of their own, not quoted and not a part of a word"
            : "a stream, or what is written to, stands for itself behind < or >");
  }

  private void check(Node node) {
    if (node instanceof Node.Steps steps) {
      steps.nodes().forEach(this::check);
    } else if (node instanceof Node.Choice choice) {
      check(choice.first());
      choice.rest().forEach(link -> check(link.node()));
    } else if (node instanceof Node.Not not) {
      check(not.node());
    } else if (node instanceof Node.Pipe pipe) {
      pipe.stages().forEach(this::check);
    } else if (node instanceof Redirectable redirectable) {
      check(redirectable);
    }
  }

  private void check(Redirectable node) {
    if (node instanceof Simple simple) {
      simple.assignments().stream().map(Assignment::value).forEach(this::checkText);
      for (Word word : simple.words()) {
        word.placeholder().ifPresentOrElse(this::words, () -> checkText(word));
      }
    } else if (node instanceof Node.Group group) {
      check(group.body());
      group.redirects().forEach(this::checkShared);
    }
    node.redirects().stream().filter(r -> r.kind() != Kind.COPY).forEach(this::checkRedirect);
  }

  private void checkRedirect(Redirect redirect) {
    Value value = redirect.word().placeholder().map(this::value).orElse(null);
    boolean fits =
        redirect.kind() == Kind.READ
            ? value instanceof Value.Input
            : redirect.kind() == Kind.WRITE && value instanceof Value.Target;
    if (!fits) {
      checkText(redirect.word());
    }
  }

  /** What several commands share has to be opened once. */
  private void checkShared(Redirect redirect) {
    if (redirect.kind() == Kind.WRITE
        && redirect.word().placeholder().map(this::value).orElse(null) instanceof Value.Target) {
      throw source.error(redirect.at(), "an Output is for one command, not for a group");
    }
    if (redirect.kind() == Kind.READ
        && redirect.word().placeholder().map(this::value).orElse(null) instanceof Value.Input input
        && (input.stdin() instanceof Stdin.Inherit || input.stdin() instanceof Stdin.Piped)) {
      throw source.error(redirect.at(), "this Stdin is for one command, not for a group");
    }
  }

  private void checkText(Word word) {
    for (Part part : word.parts()) {
      if (part instanceof Placeholder placeholder) {
        text(placeholder);
      } else if (part instanceof Parameter parameter) {
        checkText(parameter.other());
      }
    }
  }
}
