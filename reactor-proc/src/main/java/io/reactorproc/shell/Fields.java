/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Collects the fields that words expand to. */
final class Fields {
  /** POSIX' {@code IFS} at the start of a shell, which takes none from its environment. */
  private static final String SEPARATORS = " \t\n";

  private final boolean splitting;
  private final List<Field> fields = new ArrayList<>();
  private StringBuilder text = new StringBuilder();
  private BitSet quoted = new BitSet();

  /** An empty field counts where something quoted was in it. */
  private boolean begun;

  /** Collects; not splitting, all becomes one field. */
  Fields(boolean splitting) {
    this.splitting = splitting;
  }

  /** Text that stands unquoted in the script. */
  void plain(String more) {
    text.append(more);
    begun |= !more.isEmpty();
  }

  /** Quoted text, or a value, which counts as quoted. */
  void quoted(String more) {
    quoted.set(text.length(), text.length() + more.length());
    text.append(more);
    begun = true;
  }

  /** What an unquoted parameter became: its blanks separate fields. */
  void expanded(String value) {
    if (!splitting) {
      plain(value);
      return;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (SEPARATORS.indexOf(c) >= 0) {
        end();
      } else {
        text.append(c);
        begun = true;
      }
    }
  }

  /** The word ends here, and so does a field, if there is one. */
  void end() {
    if (begun) {
      fields.add(new Field(text.toString(), quoted));
      text = new StringBuilder();
      quoted = new BitSet();
      begun = false;
    }
  }

  List<Field> toList() {
    return fields;
  }
}
