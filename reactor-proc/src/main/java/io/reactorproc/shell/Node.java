/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.ArrayList;
import java.util.List;

/** The syntax tree of a script. Values. */
sealed interface Node {

  /** {@code a; b}: one after the other. */
  record Steps(List<Node> nodes) implements Node {
    public Steps {
      nodes = List.copyOf(nodes);
    }
  }

  /** {@code a && b || c}, from left to right. */
  record Choice(Node first, List<Link> rest) implements Node {
    public Choice {
      rest = List.copyOf(rest);
    }
  }

  /** What follows in a {@link Choice}: where the status so far is 0, or where it is not. */
  record Link(boolean onSuccess, Node node) {}

  /** {@code ! a}. */
  record Not(Node node) implements Node {}

  /** {@code a | b}, of at least two. {@code |&} is a redirect of the stage before it. */
  record Pipe(List<Redirectable> stages) implements Node {
    public Pipe {
      stages = List.copyOf(stages);
    }
  }

  /** What can have redirects and be a stage. */
  sealed interface Redirectable extends Node {
    /** In their order, which counts. */
    List<Redirect> redirects();

    /** With one more at the end. */
    Redirectable with(Redirect redirect);
  }

  /** <code>{ a; }</code> and {@code ( a )}, which differ in nothing that a script can do here. */
  record Group(Node body, List<Redirect> redirects) implements Redirectable {
    public Group {
      redirects = List.copyOf(redirects);
    }

    @Override
    public Redirectable with(Redirect redirect) {
      return new Group(body, append(redirects, redirect));
    }
  }

  /** A program with its arguments. */
  record Simple(List<Assignment> assignments, List<Word> words, List<Redirect> redirects, int at)
      implements Redirectable {
    public Simple {
      assignments = List.copyOf(assignments);
      words = List.copyOf(words);
      redirects = List.copyOf(redirects);
    }

    @Override
    public Redirectable with(Redirect redirect) {
      return new Simple(assignments, words, append(redirects, redirect), at);
    }
  }

  /** {@code NAME=value} before a command. */
  record Assignment(String name, Word value) {}

  private static List<Redirect> append(List<Redirect> redirects, Redirect one) {
    List<Redirect> more = new ArrayList<>(redirects);
    more.add(one);
    return more;
  }
}
