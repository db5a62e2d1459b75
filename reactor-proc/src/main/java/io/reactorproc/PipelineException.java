/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import org.jspecify.annotations.Nullable;

/**
 * A pipeline whose stages ended otherwise than its policy accepts, or were ended by a timeout or a
 * limit. What {@link ProcessExitException} says of a child is that of the {@linkplain #stage()
 * stage} to blame or, where the pipeline as a whole was ended, of the last one.
 */
public final class PipelineException extends ProcessExitException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable PipelineResult result;
  private final int stage;

  PipelineException(
      Reason reason,
      String message,
      StageResult stage,
      PipelineResult result,
      @Nullable Throwable cause) {
    super(reason, message, stage, cause);
    this.result = result;
    this.stage = stage.position();
  }

  /** Where the stage to blame stands, counted from 0; of several the first. */
  public int stage() {
    return stage;
  }

  /** All stages, with what had been captured of them. */
  public PipelineResult result() {
    if (result == null) {
      throw new IllegalStateException("the result was not serialised");
    }
    return result;
  }
}
