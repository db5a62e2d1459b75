/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

/** How the reading of a descriptor ended. */
public enum StreamEnd {
  /** The last writer closed its end: end of file. */
  END_OF_FILE,
  /** The writer is gone, but somebody else kept the empty pipe open for longer than the grace. */
  ABANDONED,
  /** {@code read} failed. */
  FAILED,
  /** The reader gave up. */
  CANCELLED
}
