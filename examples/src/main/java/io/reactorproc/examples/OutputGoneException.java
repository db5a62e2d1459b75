/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import java.io.PrintWriter;

/** Our own stdout takes no more: its reader is gone, or its disk is full. */
final class OutputGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private OutputGoneException() {
    super("nobody reads the output", null, false, false);
  }

  /** Flushes, and throws where that failed now or before. */
  static void flush(PrintWriter out) {
    if (out.checkError()) {
      throw new OutputGoneException();
    }
  }

  /** Prints a line for somebody who waits for it. */
  static void println(PrintWriter out, String line) {
    out.println(line);
    flush(out);
  }
}
