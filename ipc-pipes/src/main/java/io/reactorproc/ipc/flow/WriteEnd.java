/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

/** How the writing to a descriptor ended. */
public enum WriteEnd {
  /** All was written and our end closed: the reader sees end of file. */
  COMPLETED,
  /** The last reader closed its end ({@code EPIPE}). */
  READER_GONE,
  /** {@code write} failed otherwise. */
  FAILED,
  /** The writer gave up. */
  CANCELLED
}
