/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.util.ArrayList;
import java.util.List;

/** An argument vector with places for the argument. */
final class ArgumentTemplate {
  private static final String PLACE = "{}";

  private ArgumentTemplate() {}

  /** Every {@code {}} becomes the argument; without one it is the last word. */
  static List<String> fill(List<String> template, String argument) {
    List<String> words = new ArrayList<>(template.size() + 1);
    boolean placed = false;
    for (String word : template) {
      placed |= word.contains(PLACE);
      words.add(word.replace(PLACE, argument));
    }
    if (!placed) {
      words.add(argument);
    }
    return words;
  }
}
