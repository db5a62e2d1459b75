/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** An example that ran inside this JVM. */
record Outcome(int status, List<String> out, String err) {

  static Outcome of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = Examples.commandLine(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    int status = commandLine.execute(arguments);
    return new Outcome(status, out.toString().lines().toList(), err.toString());
  }

  /** The output as one text. */
  String text() {
    return String.join("\n", out);
  }
}
