/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import org.jspecify.annotations.Nullable;

/**
 * How a job ended that was a part of something else. A value.
 *
 * @param success by the policy of the job
 * @param failure why, where it is not the status alone
 */
record JobEnd(
    ExitStatus status,
    boolean success,
    StderrExcerpt stderr,
    @Nullable PipelineResult pipeline,
    @Nullable SequenceResult sequence,
    @Nullable Exception failure) {

  private static final int NOT_FOUND = 127;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_OPENED = 2;

  /** A command whose status its policy accepts, or that has none. */
  static JobEnd of(Command command, Part part) {
    boolean success = command.settings().policy != null || part.status().isSuccess();
    return new JobEnd(part.status(), success, part.excerpt(), null, null, null);
  }

  /** A pipeline that its policy accepts, or that has none. */
  static JobEnd of(Pipeline pipeline, PipelineResult result) {
    boolean success = pipeline.hasPolicy() || result.last().success();
    return new JobEnd(result.status(), success, result.last().stderr(), result, null, null);
  }

  /** A sequence that its policy accepts, or that has none. */
  static JobEnd of(Sequence sequence, SequenceResult result) {
    boolean success = sequence.whole().policy != null || result.success();
    return new JobEnd(result.status(), success, result.last().stderr(), null, result, null);
  }

  /** A bad status, or a job that was ended for some reason of its own. */
  static JobEnd of(ProcessExitException exit) {
    return new JobEnd(
        exit.status(),
        false,
        exit.stderr(),
        exit instanceof PipelineException pipeline ? pipeline.result() : null,
        exit instanceof SequenceException sequence ? sequence.result() : null,
        isAboutTheStatus(exit) ? null : exit);
  }

  private static boolean isAboutTheStatus(ProcessExitException exit) {
    return exit.reason() == ProcessExitException.Reason.STATUS
        || exit.reason() == ProcessExitException.Reason.STATUS_LOST;
  }

  /** The status that a shell gives to what it cannot start. */
  static JobEnd notStarted(ProcessStartException failure) {
    int code =
        switch (failure.reason()) {
          case REDIRECT, DIRECTORY -> NOT_OPENED;
          default ->
              failure.errnoName().filter("ENOENT"::equals).isPresent() ? NOT_FOUND : NOT_EXECUTABLE;
        };
    return new JobEnd(ExitStatus.madeUp(code), false, StderrExcerpt.NONE, null, null, failure);
  }
}
