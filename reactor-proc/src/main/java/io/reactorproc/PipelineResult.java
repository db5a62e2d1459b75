/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.signals.Signal;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;

/**
 * The finished children of a {@link Pipeline}, and what the last one wrote. Immutable; byte arrays
 * are shared and must not be changed.
 */
public final class PipelineResult {
  private final List<StageResult> stages;

  private PipelineResult(List<StageResult> stages) {
    this.stages = List.copyOf(stages);
  }

  /** The children are all reaped. */
  static PipelineResult of(List<Part> parts, PipePolicy policy) {
    int last = parts.size() - 1;
    StageResult[] stages = new StageResult[parts.size()];
    boolean readerEndedWell = false;
    for (int i = last; i >= 0; i--) {
      Part part = parts.get(i);
      // Of a stage in Java there is no status: where it fails, that is the error of the run.
      boolean readByJava = i < last && part.position() + 1 < parts.get(i + 1).position();
      boolean success =
          part.isSuccess()
              || (isBrokenPipe(part.status())
                  && !policy.isStrict()
                  && (readByJava || readerEndedWell));
      stages[i] =
          new StageResult(
              part.position(), part.planned().toString(), success, part.result(), part.excerpt());
      readerEndedWell = success;
    }
    return new PipelineResult(Arrays.asList(stages));
  }

  static boolean isBrokenPipe(ExitStatus status) {
    return status.signal().filter(Signal.SIGPIPE::equals).isPresent();
  }

  /** The stages that are not in Java, in their order. */
  public List<StageResult> stages() {
    return stages;
  }

  /**
   * The stage at this position, counted from 0.
   *
   * @throws NoSuchElementException if there is none, or it was in Java
   */
  public StageResult stage(int position) {
    for (StageResult stage : stages) {
      if (stage.position() == position) {
        return stage;
      }
    }
    throw new NoSuchElementException("no stage " + position + " was started, counted from 0");
  }

  /** The last stage. */
  public StageResult last() {
    return stages.get(stages.size() - 1);
  }

  /** How the last stage ended. */
  public ExitStatus status() {
    return last().status();
  }

  /** The stages that did not end well, in their order. */
  public List<StageResult> failures() {
    List<StageResult> failed = new ArrayList<>(stages);
    failed.removeIf(StageResult::success);
    return failed;
  }

  /** What the last stage wrote; empty where it was not captured. */
  public byte[] stdout() {
    return last().process().stdout();
  }

  /** {@link #stdout()} as UTF-8; what is malformed becomes U+FFFD. */
  public String stdoutText() {
    return last().process().stdoutText();
  }

  /** {@link #stdout()} in a charset; what is malformed becomes its replacement. */
  public String stdoutText(Charset charset) {
    return last().process().stdoutText(charset);
  }

  @Override
  public String toString() {
    return stages.stream()
        .map(stage -> stage.status().toString())
        .collect(Collectors.joining(" | ", "PipelineResult[", "]"));
  }
}
