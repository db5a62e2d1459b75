/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.Step.Link;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.TextDecoding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Jobs that run one after the other, each depending on how the one before it ended: {@code a && b
 * || c; d}. An immutable value. All links bind equally and from the left, as in a shell: in {@code
 * a.then(b).orElse(c)}, c runs where a fails or b does.
 *
 * <pre>{@code
 * Command.of("test", "-d", "build").not()
 *     .orElse(Command.of("rm", "-r", "build"))
 *     .then(Command.of("make"))
 *     .exit();
 * }</pre>
 *
 * <ul>
 *   <li><b>Status:</b> that of a step is a value that decides what runs next. A step has ended well
 *       by its own policy, code 0 by default; a timeout of its own is a failure like any other. The
 *       status of the sequence is that of the last step that ran.
 *   <li><b>Descriptors:</b> the steps share one stdin, stdout and stderr, as in a shell's <code>
 *       { a; b; } &lt; in &gt; out</code>, except where a step sends its own elsewhere. Stderr that
 *       nobody sends anywhere is not shared: head and tail of each are kept.
 *   <li><b>Groups:</b> a sequence with settings of its own that becomes part of another one stays a
 *       group, for which alone they hold.
 *   <li><b>Start:</b> nothing happens before the subscription; each subscription is a run of its
 *       own. <b>Cancel:</b> ends the step that runs, as its command says, and starts no other.
 *   <li><b>Errors:</b> {@link SequenceException} where the {@link ExitPolicy} does not accept the
 *       status, and for a timeout, a limit or an input of the whole; {@link ProcessStartException}
 *       where a step cannot be started, unless {@link #startFailures} says otherwise; {@link
 *       InvalidCommandException} before anything starts.
 *   <li><b>Thread:</b> an event loop for the most part, which must not be blocked.
 * </ul>
 */
public final class Sequence implements Job {
  private final List<Step> steps;
  private final Settings whole;
  private final StartFailures startFailures;

  private Sequence(List<Step> steps, Settings whole, StartFailures startFailures) {
    this.steps = List.copyOf(steps);
    this.whole = whole;
    this.startFailures = startFailures;
    SharedEnds.check(whole);
  }

  /** A job as a sequence by itself: <code>{ job; }</code>, to be added to. */
  public static Sequence of(Job job) {
    return job instanceof Sequence sequence && sequence.isPlain()
        ? sequence
        : new Sequence(
            List.of(new Step(Link.ALWAYS, job, false)), Settings.DEFAULT, StartFailures.ERROR);
  }

  /** This sequence as one step of another: itself, or the one that it consists of. */
  private Step onlyStep() {
    return steps.size() == 1 && isPlain() ? steps.get(0) : new Step(Link.ALWAYS, this, false);
  }

  private boolean isPlain() {
    return whole == Settings.DEFAULT && startFailures == StartFailures.ERROR;
  }

  @Override
  public Sequence then(Job next) {
    return add(Link.IF_SUCCESS, next);
  }

  @Override
  public Sequence orElse(Job next) {
    return add(Link.IF_FAILURE, next);
  }

  @Override
  public Sequence andThen(Job next) {
    return add(Link.ALWAYS, next);
  }

  private Sequence add(Link link, Job next) {
    List<Step> longer = new ArrayList<>(of(this).steps);
    Step only = of(Objects.requireNonNull(next, "next")).onlyStep();
    longer.add(new Step(link, only.job(), only.negated()));
    return new Sequence(longer, Settings.DEFAULT, StartFailures.ERROR);
  }

  @Override
  public Sequence not() {
    Step only = onlyStep();
    Job negated = only.negated() ? this : only.job();
    return new Sequence(
        List.of(new Step(Link.ALWAYS, negated, true)), Settings.DEFAULT, StartFailures.ERROR);
  }

  /**
   * Another job that reads what the steps write, through one kernel pipe: <code>{ this; } | next
   * </code>.
   *
   * @throws InvalidCommandException if one of them has a setting that makes no sense in a pipeline
   */
  public Pipeline pipe(Job next) {
    return asStage().pipe(next);
  }

  /** As {@link #pipe(Job)}, with the steps' stderr in the same pipe. */
  public Pipeline pipeAll(Job next) {
    return asStage().pipeAll(next);
  }

  /** A stage in Java behind the steps; see {@link Pipeline#pipe(Function)}. */
  public Pipeline pipe(
      Function<? super Flux<ByteBuf>, ? extends Publisher<? extends ByteBuf>> stage) {
    return asStage().pipe(stage);
  }

  private Pipeline asStage() {
    return Pipeline.of(new NestedSequence(this));
  }

  private Sequence with(Consumer<Settings> change) {
    return new Sequence(steps, whole.with(change), startFailures);
  }

  List<Step> steps() {
    return steps;
  }

  Settings whole() {
    return whole;
  }

  StartFailures startFailures() {
    return startFailures;
  }

  /**
   * Where the stdin comes from that the steps share; what one has not read is there for the next. A
   * step that reads ahead takes what it does not use, as in a shell. Without this, each step has
   * its own.
   */
  public Sequence stdin(Stdin stdin) {
    return with(s -> s.inputs = Settings.put(s.inputs, 0, Objects.requireNonNull(stdin)));
  }

  /**
   * Where the stdout of the steps goes. A file is opened once, before the first step.
   *
   * @throws InvalidCommandException for a tee
   */
  public Sequence stdout(Output stdout) {
    return with(s -> s.outputs = Settings.put(s.outputs, 1, Objects.requireNonNull(stdout)));
  }

  /** Where the stderr of the steps goes; as {@link #stdout}. */
  public Sequence stderr(Output stderr) {
    return with(s -> s.outputs = Settings.put(s.outputs, 2, Objects.requireNonNull(stderr)));
  }

  /** Sends stderr of the steps where their stdout goes: {@code 2>&1}. */
  public Sequence mergeStderr() {
    return stderr(Output.stdout());
  }

  /**
   * Which final statuses are a success; by default those with which the last step that ran has
   * ended well.
   */
  public Sequence success(ExitPolicy policy) {
    return with(s -> s.policy = Objects.requireNonNull(policy));
  }

  /** What a step is that cannot be started; an error by default. Holds for groups inside, too. */
  public Sequence startFailures(StartFailures meaning) {
    return new Sequence(steps, whole, Objects.requireNonNull(meaning, "meaning"));
  }

  /** Ends the step that runs this long after the start of the first. None by default. */
  public Sequence timeout(Duration timeout) {
    return with(s -> s.timeout = Durations.positive(timeout, "a timeout"));
  }

  /** The most bytes that {@link #output()} and {@link #text()} keep; 16 MiB by default. */
  public Sequence captureLimit(int bytes) {
    Settings.checkCaptureLimit(bytes);
    return with(s -> s.captureLimit = bytes);
  }

  /** As {@link Command#outputGrace}, after the last step; 1 second by default. */
  public Sequence outputGrace(Duration grace) {
    return with(s -> s.outputGrace = Durations.checked(grace, "the output grace"));
  }

  /** How {@link #lines()} cuts; {@link Records#lines()} by default. */
  public Sequence records(Records records) {
    return with(s -> s.records = Objects.requireNonNull(records));
  }

  /** How bytes become text; UTF-8 with replacement by default, whatever the machine's locale. */
  public Sequence decoding(TextDecoding decoding) {
    return with(s -> s.decoding = Objects.requireNonNull(decoding));
  }

  /**
   * Runs it and answers how its steps ended. The statuses are values here: the final one is checked
   * only if a policy was {@linkplain #success set}. Stdout is discarded unless it was sent
   * elsewhere.
   */
  public Mono<SequenceResult> exit() {
    return Mono.defer(() -> SequenceRun.of(this, Map.of()).judged());
  }

  /**
   * Runs it and captures what the steps write to stdout, one after the other, up to {@link
   * #captureLimit} bytes.
   *
   * @return one result, when the last step has exited and the output has ended
   */
  public Mono<SequenceResult> output() {
    return comesHere()
        ? SequenceStream.output(this)
        : Mono.defer(() -> SequenceRun.of(this, Map.of()).run().flatMap(this::judged));
  }

  /** Runs it and answers the whole stdout as text; as {@link #output()}. */
  public Mono<String> text() {
    return output()
        .flatMap(
            result ->
                whole
                    .decoding
                    .decode(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(result.stdout())))
                    .collect(Collectors.joining()));
  }

  /** Runs it and streams the lines of stdout by demand; as {@link Command#lines()}. */
  public Flux<String> lines() {
    return whole.records.decodeText(bytes(), whole.decoding);
  }

  /**
   * Runs it and streams the stdout of the steps, one after the other, by demand; as {@link
   * Command#bytes()}. A slow subscriber makes the step wait that writes. Completes after the last
   * byte and the exit of the last step.
   */
  public Flux<ByteBuf> bytes() {
    return comesHere()
        ? SequenceStream.bytes(this)
        : Flux.error(
            () ->
                new InvalidCommandException(
                    "stdout is sent elsewhere and cannot be streamed: " + whole.output(1)));
  }

  private boolean comesHere() {
    return whole.output(1) instanceof Output.Standard;
  }

  /** The verdict where the status was asked for as a value: by the policy, if there is one. */
  Mono<SequenceResult> judgedAsValue(SequenceResult result) {
    return whole.policy == null ? Mono.just(result) : judged(result);
  }

  /** The verdict: by the policy or, where there is none, by how the last step ended. */
  Mono<SequenceResult> judged(SequenceResult result) {
    ExitPolicy set = whole.policy;
    if (set == null ? result.success() : set.accepts(result.status())) {
      return Mono.just(result);
    }
    Reason reason = result.status().isLost() ? Reason.STATUS_LOST : Reason.STATUS;
    return Mono.error(new SequenceException(reason, this, result, null));
  }

  /**
   * Refuses what cannot be run, before anything is started.
   *
   * @param shared the descriptors that come from outside
   */
  void check(Set<Integer> shared) {
    Set<Integer> lent = new HashSet<>(shared);
    if (whole.inputs.containsKey(0)) {
      lent.add(0);
    }
    for (int fd = 1; fd <= 2; fd++) {
      if (!(whole.output(fd) instanceof Output.Standard)) {
        lent.add(fd);
      }
    }
    for (Step step : steps) {
      if (step.job() instanceof Command command) {
        Plan.of(command, Wiring.Mode.EXIT, lent);
      } else if (step.job() instanceof Pipeline pipeline) {
        pipeline.plan(Wiring.Mode.EXIT, Set.copyOf(lent));
      } else {
        ((Sequence) step.job()).check(lent);
      }
    }
  }

  /** As a shell would write it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(steps.get(0).toString());
    for (Step step : steps.subList(1, steps.size())) {
      text.append(step.link().sign()).append(step);
    }
    return text.toString();
  }
}
