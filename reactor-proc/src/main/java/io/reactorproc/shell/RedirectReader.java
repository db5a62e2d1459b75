/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Redirect.Kind;
import io.reactorproc.shell.Token.Arrow;
import io.reactorproc.shell.Token.Operator;
import io.reactorproc.shell.Token.Symbol;
import java.util.List;

/** Makes redirects of an arrow and the word behind it. */
final class RedirectReader {
  private final Source source;

  RedirectReader(Source source) {
    this.source = source;
  }

  void read(Arrow arrow, Word word, List<Redirect> to) {
    int at = arrow.at();
    int descriptor = arrow.descriptor();
    switch (arrow.spelling()) {
      case "<" -> to.add(input(arrow, Kind.READ, word));
      case "<<<" -> to.add(input(arrow, Kind.TEXT, word));
      case ">", ">|" -> to.add(output(arrow, Kind.WRITE, word));
      case ">>" -> to.add(output(arrow, Kind.APPEND, word));
      case "&>", "&>>" -> {
        Kind kind = arrow.spelling().equals("&>") ? Kind.WRITE : Kind.APPEND;
        to.add(new Redirect(1, kind, word, 0, at));
        to.add(Redirect.copy(2, 1, at));
      }
      case ">&" -> to.add(Redirect.copy(outputDescriptor(arrow), copied(arrow, word), at));
      case "<<", "<<-" ->
          throw source.error(
              at,
              "here-documents are not supported: write <<< 'text', or < {} with Stdin.text as the"
                  + " value");
      case "<>" ->
          throw source.error(at, "<> is not supported: open a file to read or to write it");
      default ->
          throw source.error(
              at, "<& is not supported: descriptor " + descriptor + " can be read from a file");
    }
  }

  private Redirect input(Arrow arrow, Kind kind, Word word) {
    if (arrow.descriptor() != 0) {
      throw source.error(arrow.at(), "only descriptor 0 can be read from");
    }
    return new Redirect(0, kind, word, 0, arrow.at());
  }

  private Redirect output(Arrow arrow, Kind kind, Word word) {
    return new Redirect(outputDescriptor(arrow), kind, word, 0, arrow.at());
  }

  private int outputDescriptor(Arrow arrow) {
    if (arrow.descriptor() == 0) {
      throw source.error(arrow.at(), "descriptor 0 cannot be written to");
    }
    return arrow.descriptor();
  }

  private int copied(Arrow arrow, Word word) {
    String text = word.text().orElse("");
    return switch (text) {
      case "1" -> 1;
      case "2" -> 2;
      case "-" ->
          throw source.error(
              arrow.at(), "closing a descriptor is not supported: send it to /dev/null");
      default ->
          throw source.error(
              arrow.at(), ">& takes 1 or 2: for a file write &> file, or > file 2>&1");
    };
  }

  ShellSyntaxException noTarget(Arrow arrow, Token next) {
    if (next instanceof Symbol symbol
        && symbol.operator() == Operator.OPEN
        && symbol.at() == arrow.at() + 1) {
      return source.error(
          arrow.at(),
          "process substitution is not supported: use a pipe, or a file as the value of {}");
    }
    return source.error(next.at(), "the target of " + arrow.spelling() + " is missing");
  }
}
