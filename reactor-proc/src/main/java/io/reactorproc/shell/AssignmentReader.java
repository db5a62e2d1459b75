/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.Node.Assignment;
import io.reactorproc.shell.Word.Literal;
import io.reactorproc.shell.Word.Part;
import io.reactorproc.shell.Word.Tilde;
import java.util.ArrayList;
import java.util.List;

/** Takes a word for an assignment: {@code NAME=value}, the name and the sign unquoted. */
final class AssignmentReader {
  private AssignmentReader() {}

  static boolean isAssignment(Word word) {
    return !word.parts().isEmpty()
        && word.parts().get(0) instanceof Literal first
        && !first.quoted()
        && nameLength(first.text()) > 0;
  }

  /** The length of the name before the equals sign, or 0 if it is none. */
  private static int nameLength(String text) {
    int equals = text.indexOf('=');
    if (equals <= 0 || !WordReader.isNameStart(text.charAt(0))) {
      return 0;
    }
    return text.chars().limit(equals).allMatch(c -> WordReader.isNamePart((char) c)) ? equals : 0;
  }

  static Assignment read(Word word) {
    String first = ((Literal) word.parts().get(0)).text();
    int equals = nameLength(first);
    List<Part> value = new ArrayList<>(word.parts());
    value.set(0, new Literal(first.substring(equals + 1), false));
    return new Assignment(first.substring(0, equals), new Word(tildes(value), word.at()));
  }

  /** In an assignment a tilde counts also behind the equals sign and behind each colon. */
  private static List<Part> tildes(List<Part> parts) {
    WordParts changed = new WordParts();
    char before = ':';
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i) instanceof Literal literal && !literal.quoted()) {
        String text = literal.text();
        boolean last = i == parts.size() - 1;
        for (int j = 0; j < text.length(); j++) {
          boolean ends = j + 1 < text.length() ? "/:".indexOf(text.charAt(j + 1)) >= 0 : last;
          if (text.charAt(j) == '~' && before == ':' && ends) {
            changed.add(new Tilde());
          } else {
            changed.text(text.charAt(j), false);
          }
          before = text.charAt(j);
        }
      } else {
        changed.add(parts.get(i));
        before = 'x';
      }
    }
    return changed.toList();
  }
}
