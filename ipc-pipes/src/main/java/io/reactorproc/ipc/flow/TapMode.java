/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

/** What happens when the observer of a tap is slower than what flows. */
public enum TapMode {
  /** The observer sees every byte: what flows waits for it. */
  EXACT,
  /**
   * What flows never waits: bytes that the observer has no room for pass unseen and are counted.
   */
  LOSSY
}
