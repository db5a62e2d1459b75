/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessExitException.Reason;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a pipeline, by its policy.
 *
 * @param checked whether statuses are judged, or are values to be looked at
 */
record PipelineJudge(String pipeline, PipePolicy policy, boolean checked) implements Judge {
  @Override
  public @Nullable Throwable ofStatuses(List<Part> parts) {
    if (!checked) {
      return null;
    }
    PipelineResult result = PipelineResult.of(parts, policy);
    StageResult failed = toBlame(result);
    if (failed == null) {
      return null;
    }
    Reason reason = failed.status().isLost() ? Reason.STATUS_LOST : Reason.STATUS;
    String message = message(failed, reason) + others(result, failed) + advice() + stderr(failed);
    return new PipelineException(reason, message, failed, result, null);
  }

  private @Nullable StageResult toBlame(PipelineResult result) {
    if (policy.counts() == PipePolicy.Counts.LAST) {
      return result.last().success() ? null : result.last();
    }
    List<StageResult> failures = result.failures();
    for (StageResult failure : failures) {
      if (!PipelineResult.isBrokenPipe(failure.status())) {
        return failure;
      }
    }
    return failures.isEmpty() ? null : failures.get(0);
  }

  @Override
  public ProcessExitException because(
      Reason reason, @Nullable Part culprit, List<Part> parts, @Nullable Throwable cause) {
    PipelineResult result = PipelineResult.of(parts, policy);
    StageResult stage = culprit == null ? result.last() : result.stage(culprit.position());
    String message =
        culprit == null
            ? pipeline + " " + reason.words() + ": " + result
            : message(stage, reason) + stderr(stage);
    return new PipelineException(reason, message, stage, result, cause);
  }

  private String message(StageResult stage, Reason reason) {
    String which = "stage " + (stage.position() + 1) + " of " + pipeline + ", " + stage.command();
    return ProcessExitException.message(which, stage.pid(), reason, stage.status());
  }

  private String others(PipelineResult result, StageResult named) {
    if (policy.counts() != PipePolicy.Counts.ALL) {
      return "";
    }
    return result.failures().stream()
        .filter(failure -> failure.position() != named.position())
        .map(failure -> "; " + failure)
        .collect(Collectors.joining());
  }

  private static String advice() {
    return "; if this is fine, say so with Command.success(ExitPolicy) of the stage or with"
        + " Pipeline.success(PipePolicy)";
  }

  private static String stderr(StageResult stage) {
    return ProcessExitException.stderr(stage.stderr());
  }
}
