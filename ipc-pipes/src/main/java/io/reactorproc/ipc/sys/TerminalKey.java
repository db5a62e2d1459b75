/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/** Keys that mean something to a terminal: indexes into {@code c_cc}. */
public enum TerminalKey {
  /** {@code VINTR}, usually Ctrl-C. */
  INTERRUPT(0),
  /** {@code VQUIT}, usually Ctrl-\. */
  QUIT(1),
  /** {@code VEOF}, usually Ctrl-D. */
  END_OF_FILE(4),
  /** {@code VSUSP}, usually Ctrl-Z. */
  SUSPEND(10);

  final int index;

  TerminalKey(int index) {
    this.index = index;
  }
}
