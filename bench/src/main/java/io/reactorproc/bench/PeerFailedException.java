/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

/** A peer's program said that its work was wrong, died, or took too long. */
final class PeerFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  PeerFailedException(String message) {
    super(message);
  }
}
