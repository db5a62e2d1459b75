/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.Optional;

/**
 * One step of a {@link Sequence} that was run. Immutable.
 *
 * @param position where it stands, counted from 0
 * @param job what it is
 * @param outcome whether it ran
 * @param success whether it ended well, as the steps behind it saw it: the other way round for a
 *     step that is {@linkplain Job#not() negated}; false where it did not run
 * @param status how it ended, that of the last stage or step where it has several; empty where it
 *     did not run
 * @param failure why it failed, where it is not its status alone: a timeout of its own, an input
 *     that failed, a start that failed
 * @param stderr head and tail of a command's stderr, where that came through the JVM
 * @param pipeline the result of a step that is a pipeline
 * @param sequence the result of a step that is a sequence
 */
public record StepResult(
    int position,
    Job job,
    Outcome outcome,
    boolean success,
    Optional<ExitStatus> status,
    Optional<Exception> failure,
    StderrExcerpt stderr,
    Optional<PipelineResult> pipeline,
    Optional<SequenceResult> sequence) {

  /** Whether a step ran. */
  public enum Outcome {
    /** It ran to its end. */
    RAN,
    /** It could not be started, which {@link StartFailures#STATUS} turned into a status. */
    NOT_STARTED,
    /** What was before it ended otherwise than it asked for, or the sequence was ended before. */
    SKIPPED
  }

  static StepResult skipped(int position, Step step) {
    return new StepResult(
        position,
        step.job(),
        Outcome.SKIPPED,
        false,
        Optional.empty(),
        Optional.empty(),
        StderrExcerpt.NONE,
        Optional.empty(),
        Optional.empty());
  }

  static StepResult of(int position, Step step, JobEnd ended) {
    boolean success = ended.success() != step.negated() && !ended.status().isLost();
    return new StepResult(
        position,
        step.job(),
        ended.failure() instanceof ProcessStartException ? Outcome.NOT_STARTED : Outcome.RAN,
        success,
        Optional.of(ended.status()),
        Optional.ofNullable(ended.failure()),
        ended.stderr(),
        Optional.ofNullable(ended.pipeline()),
        Optional.ofNullable(ended.sequence()));
  }

  @Override
  public String toString() {
    String what =
        switch (outcome) {
          case SKIPPED -> "skipped";
          case NOT_STARTED -> "not started";
          case RAN -> status.map(ExitStatus::toString).orElse("");
        };
    return "step " + (position + 1) + ", " + job + ": " + what;
  }
}
