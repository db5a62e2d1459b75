/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

/** What the first failed item means for the others. */
public enum OnFailure {
  /** Nothing: every item runs, and each result says how it went. The default. */
  CONTINUE,
  /**
   * No further item starts, and those that run may finish, with the attempts they have left. Their
   * results are delivered; then comes {@link ItemFailedException}.
   */
  FINISH_RUNNING,
  /**
   * No further item starts, and those that run are cancelled, which ends their children. What had
   * succeeded by then is delivered; then comes {@link ItemFailedException}.
   */
  END_RUNNING
}
