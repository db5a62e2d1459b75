/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import org.jspecify.annotations.Nullable;

/**
 * A sequence ended otherwise than its policy accepts, or was ended by a timeout or a limit. What
 * {@link ProcessExitException} says of a child is that of the last step that ran.
 */
public final class SequenceException extends ProcessExitException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable SequenceResult result;

  SequenceException(
      Reason reason, Sequence sequence, SequenceResult result, @Nullable Throwable cause) {
    super(
        reason,
        message(reason, sequence, result),
        result.last().job().toString(),
        result.status(),
        result.last().stderr(),
        cause);
    this.result = result;
  }

  private static String message(Reason reason, Sequence sequence, SequenceResult result) {
    StepResult last = result.last();
    String what =
        reason == Reason.STATUS || reason == Reason.STATUS_LOST
            ? "step " + (last.position() + 1) + " of " + sequence + ", " + last.job()
            : sequence.toString();
    return what
        + " "
        + reason.words()
        + ": "
        + result.status()
        + (reason == Reason.STATUS
            ? "; if this status is fine, say so with Sequence.success(ExitPolicy)"
            : "")
        + stderr(last.stderr());
  }

  /** All steps, with what had been captured. */
  public SequenceResult result() {
    if (result == null) {
      throw new IllegalStateException("the result was not serialised");
    }
    return result;
  }
}
