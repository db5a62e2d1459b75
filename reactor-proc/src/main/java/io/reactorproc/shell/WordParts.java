/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Word.Literal;
import io.reactorproc.shell.Word.Part;
import java.util.ArrayList;
import java.util.List;

/** Collects the parts of a word; neighbouring text of the same kind becomes one part. */
final class WordParts {
  private final List<Part> parts = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private boolean quoted;
  private boolean open;

  void add(Part part) {
    flush();
    parts.add(part);
  }

  void text(char c, boolean isQuoted) {
    begin(isQuoted);
    text.append(c);
  }

  /** Quoted text; the empty one, too, makes an argument. */
  void quoted(String more) {
    begin(true);
    text.append(more);
  }

  private void begin(boolean isQuoted) {
    if (open && quoted != isQuoted) {
      flush();
    }
    open = true;
    quoted = isQuoted;
  }

  private void flush() {
    if (open) {
      parts.add(new Literal(text.toString(), quoted));
      text.setLength(0);
      open = false;
    }
  }

  List<Part> toList() {
    flush();
    return parts;
  }
}
