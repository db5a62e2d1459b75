/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.ChannelFlux;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One member's place in a run: what it is started from, and what the run keeps of it. On the loop,
 * except for the accessors of what is given at its creation.
 */
final class Part {
  private final Run run;
  private final int index;
  private final Planned planned;
  private final Map<Integer, ByteArray> captured = new HashMap<>(4);
  private @Nullable Member member;
  private @Nullable StderrCollector stderr;
  private @Nullable ChannelFlux toJava;

  Part(Run run, int index, Planned planned) {
    this.run = run;
    this.index = index;
    this.planned = planned;
  }

  Run run() {
    return run;
  }

  /** Where it stands in its pipeline, counted from 0 and with the stages in Java. */
  int position() {
    return planned.position();
  }

  Planned planned() {
    return planned;
  }

  /** For messages: what it runs, and in a pipeline which of the stages it is. */
  String describe() {
    Job job = run.job();
    return job instanceof Command
        ? planned.toString()
        : "stage " + (position() + 1) + " of " + job + ", " + planned;
  }

  Settings settings() {
    return planned.settings();
  }

  List<Wiring.Port> ports() {
    return planned.ports();
  }

  /** It is there, though not yet attached. */
  void started(Member made) {
    member = made;
  }

  Member member() {
    return Objects.requireNonNull(member);
  }

  /** The part whose output this one reads. */
  Part before() {
    return run.parts().get(index - 1);
  }

  /** Its member, where that is a child. */
  Child child() {
    return (Child) member();
  }

  /** Whether its child is being ended by itself. */
  boolean isEnding() {
    return isChild() && child().isEnding();
  }

  boolean isChild() {
    return planned instanceof PlannedChild;
  }

  /** The command of a child. */
  Command command() {
    return ((PlannedChild) planned).command();
  }

  ExitStatus status() {
    return Objects.requireNonNull(member().status());
  }

  /** Why reading one of its outputs failed, if it did. */
  @Nullable Throwable readFailure() {
    for (OutputPort output : member().outputs()) {
      if (output.failure() != null) {
        return output.failure();
      }
    }
    return null;
  }

  /** Why a job of several could not go on, if it could not. */
  @Nullable Throwable nestedFailure() {
    return member() instanceof NestedMember nested ? nested.failure() : null;
  }

  /** Whether it ended well, by its own policy. */
  boolean isSuccess() {
    if (member() instanceof NestedMember nested) {
      return nested.isSuccess();
    }
    ExitPolicy set = settings().policy;
    return (set == null ? ExitPolicy.zero() : set).accepts(status());
  }

  /** Who gets the bytes of an output. */
  ByteReceiver receiver(OutputPort output) {
    return output.pipe.use() == Wiring.Use.STAGE ? toJava(output) : run.receiver(this, output);
  }

  private ChannelFlux toJava(OutputPort output) {
    ChannelFlux flux =
        new ChannelFlux(run.loop()) {
          @Override
          protected void onCancelled() {
            output.cancel();
          }
        };
    flux.bind(output.control());
    toJava = flux;
    return flux;
  }

  /** What a stage in Java makes of the output of the child before: the stdin of this one. */
  Stdin fromJava(Wiring.StageInput stage) {
    return Stdin.publisher(stage.stage().over(Objects.requireNonNull(before().toJava)));
  }

  /** This one reads no more: what the stage in Java has not taken is not wanted. */
  void inputClosed() {
    OutputPort output = before().member().output(1);
    if (output != null) {
      output.cancel();
    }
  }

  /** Keeps what comes, up to the limit. */
  ByteArray capture(OutputPort output) {
    ByteArray bytes = new ByteArray(settings().captureLimit);
    captured.put(output.descriptor, bytes);
    return bytes;
  }

  /** Keeps head and tail of this output for the error. */
  void keepExcerpt(OutputPort output) {
    StderrCollector collector = new StderrCollector();
    stderr = collector;
    output.keepExcerpt(collector);
  }

  /** What is kept of stderr. */
  StderrExcerpt excerpt() {
    StderrCollector kept = stderr;
    if (kept != null) {
      return kept.excerpt();
    }
    ByteArray whole = captured.get(2);
    return whole == null ? StderrExcerpt.NONE : StderrCollector.of(whole.toArray());
  }

  /** What was captured, or null where nothing is. */
  @Nullable ProcessResult partial() {
    return captured.isEmpty() ? null : result();
  }

  /** The child is reaped: status, what was captured, and the outputs that have ended. */
  ProcessResult result() {
    Map<Integer, byte[]> bytes = new HashMap<>(captured.size() * 2);
    captured.forEach((descriptor, array) -> bytes.put(descriptor, array.toArray()));
    List<OutputSummary> summaries =
        member().outputs().stream().filter(OutputPort::isEnded).map(OutputPort::summary).toList();
    return new ProcessResult(member().pid(), status(), bytes, summaries);
  }
}
