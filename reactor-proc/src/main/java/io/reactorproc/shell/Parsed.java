/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import org.jspecify.annotations.Nullable;

/** A script that has been read and fits its values. Immutable. */
record Parsed(Source source, Node tree, Values values) {

  static Parsed of(String script, @Nullable Object... values) {
    Source source = new Source(script);
    Parser parser = new Parser(source);
    Node tree = parser.script();
    return new Parsed(source, tree, Values.of(source, tree, parser.placeholders(), values));
  }
}
