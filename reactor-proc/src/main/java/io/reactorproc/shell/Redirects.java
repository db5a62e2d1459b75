/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Stdin;
import io.reactorproc.shell.Slot.ToOpen;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Applies redirects, one after the other as a shell does. Opens nothing.
 *
 * @param streams what results
 * @param overridden files that are to be opened, and made or emptied, though nothing leads there
 */
record Redirects(Streams streams, List<ToOpen> overridden) {

  /** Applies redirects to what would be without them. */
  static Redirects apply(
      List<Redirect> redirects, Streams base, Expander expander, Values values, Path directory)
      throws CannotOpenException {
    Streams streams = base;
    List<ToOpen> files = new ArrayList<>();
    for (Redirect redirect : redirects) {
      Slot slot;
      if (redirect.kind() == Redirect.Kind.COPY) {
        slot = streams.get(redirect.source());
      } else {
        slot = opened(redirect, expander, values, directory);
        if (slot instanceof ToOpen file) {
          files.add(file);
        }
      }
      streams = streams.with(redirect.descriptor(), slot);
    }
    Streams result = streams;
    files.removeIf(result::leadTo);
    return new Redirects(result, files);
  }

  private static Slot opened(Redirect redirect, Expander expander, Values values, Path directory)
      throws CannotOpenException {
    Word word = redirect.word();
    if (redirect.kind() == Redirect.Kind.TEXT) {
      return new Slot.Input(Stdin.text(expander.text(word) + "\n"));
    }
    Value value = word.placeholder().map(values::value).orElse(null);
    if (value instanceof Value.Input input) {
      return input(input.stdin());
    }
    if (value instanceof Value.Target target) {
      return new Slot.Target(target.output());
    }
    String name = expander.text(word);
    try {
      return new ToOpen(directory.resolve(name), redirect.kind());
    } catch (InvalidPathException e) {
      throw new CannotOpenException("cannot open " + name + ": it is no path here", e);
    }
  }

  /** What several commands can share, as itself. */
  private static Slot input(Stdin stdin) {
    if (stdin instanceof Stdin.Empty) {
      return Slot.NOTHING;
    }
    if (stdin instanceof Stdin.FromFile file) {
      return new ToOpen(file.file(), Redirect.Kind.READ);
    }
    return stdin instanceof Stdin.Lent lent
        ? new Slot.Shared(lent.descriptor())
        : new Slot.Input(stdin);
  }
}
