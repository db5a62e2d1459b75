/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A finished {@link Sequence}: all its steps, and what they wrote. Immutable; the byte array is
 * shared and must not be changed.
 */
public final class SequenceResult {
  private static final byte[] NOTHING = {};

  private final List<StepResult> steps;
  private final ExitStatus status;
  private final byte[] stdout;

  SequenceResult(List<StepResult> steps, ExitStatus status, byte[] stdout) {
    this.steps = List.copyOf(steps);
    this.status = status;
    this.stdout = stdout;
  }

  SequenceResult(List<StepResult> steps, ExitStatus status) {
    this(steps, status, NOTHING);
  }

  SequenceResult withStdout(byte[] bytes) {
    return new SequenceResult(steps, status, bytes);
  }

  /** One for each step, those that were skipped included. */
  public List<StepResult> steps() {
    return steps;
  }

  /**
   * How the last step that ran has ended, which is how the sequence did. Code 0 or 1 where that
   * step is {@linkplain Job#not() negated}.
   */
  public ExitStatus status() {
    return status;
  }

  /** The last step that ran. */
  public StepResult last() {
    StepResult last = steps.get(0);
    for (StepResult step : steps) {
      if (step.outcome() != StepResult.Outcome.SKIPPED) {
        last = step;
      }
    }
    return last;
  }

  /** Whether the last step that ran has ended well. */
  public boolean success() {
    return last().success();
  }

  /** What all steps wrote, one after the other; empty where it was not captured. */
  public byte[] stdout() {
    return stdout;
  }

  /** {@link #stdout()} as UTF-8; what is malformed becomes U+FFFD. */
  public String stdoutText() {
    return stdoutText(StandardCharsets.UTF_8);
  }

  /** {@link #stdout()} in a charset; what is malformed becomes its replacement. */
  public String stdoutText(Charset charset) {
    return new String(stdout, charset);
  }

  @Override
  public String toString() {
    return steps.stream()
        .map(StepResult::toString)
        .collect(Collectors.joining("; ", "SequenceResult[", "]"));
  }
}
