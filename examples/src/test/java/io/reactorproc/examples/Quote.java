/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import java.util.List;
import java.util.stream.Collectors;

/** Words for a shell that must not read anything into them. */
final class Quote {
  private Quote() {}

  static String shell(List<String> words) {
    return words.stream()
        .map(word -> "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }
}
