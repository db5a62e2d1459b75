/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.sys.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One run of a sequence: its steps one after the other, on descriptors that they share. On one
 * thread after the other, as the steps end; what it has so far may be asked for from any.
 */
final class SequenceRun {
  private static final byte[] NOTHING = {};

  private final Sequence sequence;
  private final PartRunner outer;
  private final StartFailures starts;
  private final SharedEnds ends;

  // Guarded by this.
  private final List<StepResult> results = new ArrayList<>();
  private ExitStatus status = ExitStatus.lost();

  private boolean success = true;

  /**
   * A run as a part of something else.
   *
   * @param outer what it does not set itself is as there
   */
  SequenceRun(Sequence sequence, PartRunner outer) {
    this.sequence = sequence;
    this.outer = outer;
    this.starts =
        outer.starts() == StartFailures.STATUS ? outer.starts() : sequence.startFailures();
    this.ends = new SharedEnds(sequence, ProcessRuntime.shared().kernel(), outer.lent());
  }

  /** A run by itself. */
  static SequenceRun of(Sequence sequence, Map<Integer, LentDescriptor> lent) {
    return new SequenceRun(
        sequence, new PartRunner(lent, Deadline.NONE, StartFailures.ERROR, new Current()));
  }

  /** Runs it, and checks its status if there is a policy for that. */
  Mono<SequenceResult> judged() {
    return run().flatMap(sequence::judgedAsValue);
  }

  /** Runs it; the statuses are values. */
  Mono<SequenceResult> run() {
    return Mono.defer(
            () -> {
              sequence.check(outer.lent().keySet());
              Deadline deadline = outer.deadline().or(sequence.whole().timeout);
              return ends.open()
                  .flatMap(
                      open ->
                          steps(new PartRunner(open.lent(), deadline, starts, outer.current())));
            })
        .doFinally(end -> ends.close());
  }

  private Mono<SequenceResult> steps(PartRunner runner) {
    Mono<SequenceResult> steps =
        Flux.range(0, sequence.steps().size())
            .concatMap(i -> step(i, runner), 1)
            .then(Mono.fromSupplier(this::result));
    // Not takeUntilOther, which leaves its source running at an error of the other.
    return ends.hasFeed() ? Mono.firstWithSignal(steps, Mono.defer(this::fed)) : steps;
  }

  /** Writes what the steps read; only an error ends it before the last step has. */
  private Mono<SequenceResult> fed() {
    Descriptor feed = ends.takeFeed();
    if (feed == null) {
      return Mono.never(); // closed meanwhile, by a cancel
    }
    Stdin stdin = sequence.whole().input(0);
    Stdin.Published from =
        stdin instanceof Stdin.Memory memory ? memory.pumped() : (Stdin.Published) stdin;
    return DescriptorStreams.write(feed)
        .flatMap(
            sink ->
                sink.write(from.buffers())
                    .then(sink.close())
                    .onErrorResume(error -> sink.close().then(Mono.error(error))))
        .onErrorMap(error -> because(Reason.INPUT, error))
        .then(Mono.never());
  }

  private Mono<StepResult> step(int position, PartRunner runner) {
    Step step = sequence.steps().get(position);
    boolean due = position == 0 || step.link().runsAfter(success);
    if (!due || runner.current().isEnding()) {
      return Mono.just(add(StepResult.skipped(position, step)));
    }
    if (runner.deadline().isOver()) {
      return Mono.error(because(Reason.TIMEOUT, null));
    }
    return runner
        .run(step.job())
        .handle(
            (ended, sink) -> {
              StepResult result = ended(position, step, ended);
              if (isTimeout(ended) && runner.deadline().isOver()) {
                sink.error(because(Reason.TIMEOUT, null));
              } else {
                sink.next(result);
              }
            });
  }

  private static boolean isTimeout(JobEnd ended) {
    return ended.failure() instanceof ProcessExitException exit && exit.reason() == Reason.TIMEOUT;
  }

  private synchronized StepResult ended(int position, Step step, JobEnd ended) {
    StepResult result = StepResult.of(position, step, ended);
    success = result.success();
    status = step.negated() ? ended.status().negated(ended.success()) : ended.status();
    return add(result);
  }

  private synchronized StepResult add(StepResult result) {
    results.add(result);
    return result;
  }

  /** What there is so far; what has not run is as skipped. */
  private synchronized SequenceResult result() {
    List<StepResult> all = new ArrayList<>(results);
    for (int i = all.size(); i < sequence.steps().size(); i++) {
      all.add(StepResult.skipped(i, sequence.steps().get(i)));
    }
    return new SequenceResult(all, status);
  }

  /** The error of a run that is ended, with what there is so far. */
  private SequenceException because(Reason reason, @Nullable Throwable cause) {
    return because(reason, NOTHING, cause);
  }

  /** As {@link #because(Reason, Throwable)}, with what was captured. */
  SequenceException because(Reason reason, byte[] stdout, @Nullable Throwable cause) {
    return new SequenceException(reason, sequence, result().withStdout(stdout), cause);
  }
}
