/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.ipc.Records;
import io.reactorproc.ipc.RunningTap;
import io.reactorproc.ipc.Tap;
import io.reactorproc.ipc.TextDecoding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Commands whose children are joined by kernel pipes: {@code a | b | c}. The bytes between two
 * children never enter the JVM, which holds neither end of these pipes once the children run. An
 * immutable value, as a {@link Command} is.
 *
 * <p>What is said there of starting, cancelling, errors and threads holds here, with these
 * differences:
 *
 * <ul>
 *   <li><b>Start:</b> all or nothing. Every program is found and every file and pipe is open before
 *       the first child starts. Should a later one fail to start even so, those that run are
 *       killed, and the {@link ProcessStartException} says which {@linkplain
 *       ProcessStartException#stage() stage} it was.
 *   <li><b>Group:</b> the children share one process group, which the first one leads, unless
 *       {@link #newSession()} or {@link #inheritProcessGroup()} says otherwise.
 *   <li><b>Settings:</b> a stage has those of its command: arguments, directory, environment, where
 *       its stderr goes, further descriptors, its {@link ExitPolicy}; and stdin of the first and
 *       stdout of the last are theirs, too. All others are set here for the pipeline as a whole,
 *       and a command that has them is refused with {@link InvalidCommandException} when it is
 *       composed, as is a redirect of what is joined.
 *   <li><b>Success:</b> see {@link PipePolicy}. The error is a {@link PipelineException}.
 *   <li><b>Stderr:</b> of each stage that has it by default, head and tail are kept, or it is
 *       streamed by events and handles.
 * </ul>
 */
public final class Pipeline implements Job {
  private final List<Stage> stages;
  private final Settings whole;
  private final @Nullable PipePolicy policy;
  private final EndingOrder order;

  /** By the way to run and what is lent for it; any thread. */
  private final Map<PlanKey, Plan> plans = new ConcurrentHashMap<>(2);

  private record PlanKey(Wiring.Mode mode, Set<Integer> lent) {}

  private Pipeline(
      List<Stage> stages, Settings whole, @Nullable PipePolicy policy, EndingOrder order) {
    this.stages = List.copyOf(stages);
    this.whole = whole;
    this.policy = policy;
    this.order = order;
    StageCheck.check(this.stages);
  }

  /** The one stage that others are added to. */
  static Pipeline of(Command command) {
    return new Pipeline(
        List.of(new Stage.Program(command)), Settings.DEFAULT, null, EndingOrder.UPSTREAM_FIRST);
  }

  /** A job of several children as the one stage that others are added to. */
  static Pipeline of(NestedJob job) {
    return new Pipeline(
        List.of(new Stage.Nested(job, Output.standard())),
        Settings.DEFAULT,
        null,
        EndingOrder.UPSTREAM_FIRST);
  }

  /** Puts a job of several children behind the last stage. */
  Pipeline pipe(NestedJob next) {
    List<Stage> longer = new ArrayList<>(stages);
    longer.add(new Stage.Nested(next, Output.standard()));
    return withStages(longer);
  }

  private Pipeline with(Consumer<Settings> change) {
    return new Pipeline(stages, whole.with(change), policy, order);
  }

  private Pipeline withStages(List<Stage> changed) {
    return new Pipeline(changed, whole, policy, order);
  }

  List<Stage> stages() {
    return stages;
  }

  Settings whole() {
    return whole;
  }

  PipePolicy policy() {
    return policy == null ? PipePolicy.last() : policy;
  }

  boolean hasPolicy() {
    return policy != null;
  }

  EndingOrder order() {
    return order;
  }

  Plan plan(Wiring.Mode mode, Set<Integer> lent) {
    return plans.computeIfAbsent(
        new PlanKey(mode, Set.copyOf(lent)), key -> PipelinePlan.of(this, key.mode(), key.lent()));
  }

  private Plan plan(Wiring.Mode mode) {
    return plan(mode, Set.of());
  }

  /**
   * Puts another job behind the last stage, which reads what that writes. The stages of a pipeline
   * become stages of this one, so that grouping makes no difference: {@code a.pipe(b.pipe(c))} is
   * {@code a.pipe(b).pipe(c)}.
   *
   * @throws InvalidCommandException if a stage has a setting that makes no sense at its place, or
   *     the pipeline one that would be lost here
   */
  public Pipeline pipe(Job next) {
    List<Stage> longer = new ArrayList<>(stages);
    if (next instanceof Command command) {
      longer.add(new Stage.Program(command));
    } else if (next instanceof Pipeline pipeline) {
      pipeline.checkNothingIsLost();
      longer.addAll(pipeline.stages);
    } else if (next instanceof Sequence sequence) {
      longer.add(new Stage.Nested(new NestedSequence(sequence), Output.standard()));
    } else {
      throw new AssertionError("a kind of job that nobody has thought of: " + next);
    }
    return withStages(longer);
  }

  /** As {@link #pipe(Job)}, with stderr of the last stage so far in the same pipe: {@code |&}. */
  public Pipeline pipeAll(Job next) {
    int last = stages.size() - 1;
    Stage stage = stages.get(last);
    if (stage instanceof Stage.Program program) {
      return replace(last, new Stage.Program(program.command().mergeStderr())).pipe(next);
    }
    if (stage instanceof Stage.Nested nested) {
      return replace(last, new Stage.Nested(nested.job(), Output.stdout())).pipe(next);
    }
    throw StageCheck.refused(last, stage, "it has no stderr");
  }

  /**
   * Puts a stage in Java behind the last one. It gets the output as it comes and by its demand, and
   * what it publishes is asked for as the next stage reads: where that is slow, everything before
   * it waits.
   *
   * <p>The function is called once for each run, on its event loop, which it must not block. It
   * releases the buffers that it gets or passes them on; those that it publishes are released for
   * it. When what it publishes completes, the next stage sees end of file, and the stage before
   * gets SIGPIPE if it writes on. Its error ends the pipeline and becomes the cause of the error.
   * Where the next stage reads no more, it is cancelled.
   */
  public Pipeline pipe(
      Function<? super Flux<ByteBuf>, ? extends Publisher<? extends ByteBuf>> stage) {
    JavaStage next = new JavaStage(Objects.requireNonNull(stage, "stage"));
    List<Stage> longer = new ArrayList<>(stages);
    int last = stages.size() - 1;
    if (stages.get(last) instanceof JavaStage before) {
      longer.set(last, before.then(next));
    } else {
      longer.add(next);
    }
    return withStages(longer);
  }

  /**
   * Looks at what the last stage so far writes to the next one, without taking it out of the
   * kernel: see {@link Tap} for what a slow observer does to the flow. {@link #pipe(Job)} follows.
   *
   * <pre>{@code
   * Command.of("zcat", "dump.gz")
   *     .tap(Tap.lossy(), tap -> tap.bytes().doOnNext(this::lookAndRelease).then())
   *     .pipe(Command.of("psql"))
   * }</pre>
   *
   * <p>The function is called once for each run, on its event loop, which it must not block. What
   * it returns is subscribed to and says when the observer is done: from then on, as after a
   * cancel, it flows without one. An error of the observer ends the pipeline and becomes the cause
   * of the error; {@code onErrorComplete()} prevents that. The result of the pipeline does not wait
   * for its observers: one may have up to a pipeful to read by then, which it keeps open until it
   * has, or cancels. A timeout, an error and a cancel of the pipeline cancel the observer. A tap is
   * no stage: it changes no position in results and events.
   *
   * @throws InvalidCommandException if there is another tap or a stage in Java directly before it
   */
  public Pipeline tap(Tap tap, Function<? super RunningTap, ? extends Publisher<Void>> observer) {
    List<Stage> longer = new ArrayList<>(stages);
    longer.add(
        new TapStage(
            Objects.requireNonNull(tap, "tap"), Objects.requireNonNull(observer, "observer")));
    return withStages(longer);
  }

  private void checkNothingIsLost() {
    if (whole != Settings.DEFAULT || policy != null || order != EndingOrder.UPSTREAM_FIRST) {
      throw new InvalidCommandException(
          "the settings of a pipeline that becomes part of another would be lost; set them on the"
              + " whole: "
              + this);
    }
  }

  /** As this, where a step of a sequence that cannot be started has failed. */
  Pipeline withStartsOfSequencesAsStatuses() {
    return withStages(stages.stream().map(Stage::withStartsAsStatuses).toList());
  }

  /** As this, where a stage that cannot be started has failed and the others run. */
  Pipeline withStartsAsStatuses() {
    return withStages(stages.stream().map(stage -> stage.alone().withStartsAsStatuses()).toList());
  }

  private Pipeline replace(int position, Stage stage) {
    List<Stage> changed = new ArrayList<>(stages);
    changed.set(position, stage);
    return withStages(changed);
  }

  /**
   * Where stdin of the first stage comes from: as if set on its command.
   *
   * @throws InvalidCommandException if the first stage is no command
   */
  public Pipeline stdin(Stdin stdin) {
    return replace(0, new Stage.Program(commandAt(0).stdin(stdin)));
  }

  /**
   * Where stdout of the last stage goes: as if set on its command.
   *
   * @throws InvalidCommandException if the last stage is no command
   */
  public Pipeline stdout(Output stdout) {
    int last = stages.size() - 1;
    return replace(last, new Stage.Program(commandAt(last).stdout(stdout)));
  }

  private Command commandAt(int position) {
    if (stages.get(position) instanceof Stage.Program program) {
      return program.command();
    }
    throw StageCheck.refused(
        position, stages.get(position), "only a command has descriptors to set");
  }

  /** A name for what it does; as {@link Command#named}. */
  public Pipeline named(String name) {
    return with(s -> s.name = Objects.requireNonNull(name, "name"));
  }

  /** Which stages count; by default the last one alone. */
  public Pipeline success(PipePolicy policy) {
    return new Pipeline(stages, whole, Objects.requireNonNull(policy, "policy"), order);
  }

  /** In which order the stages are ended; upstream first by default. */
  public Pipeline ending(EndingOrder order) {
    return new Pipeline(stages, whole, policy, Objects.requireNonNull(order, "order"));
  }

  /** How the children are ended; see {@link Termination#graceful()} for the default. */
  public Pipeline termination(Termination termination) {
    return with(s -> s.termination = Objects.requireNonNull(termination));
  }

  /** Ends a pipeline of which a child is still alive this long after the start. None by default. */
  public Pipeline timeout(Duration timeout) {
    return with(s -> s.timeout = Durations.positive(timeout, "a timeout"));
  }

  /**
   * Ends a pipeline of which no output came to the JVM for this long. Time in which an output waits
   * for demand does not count. None by default.
   */
  public Pipeline idleTimeout(Duration timeout) {
    return with(s -> s.idleTimeout = Durations.positive(timeout, "an idle timeout"));
  }

  /** Gives up a start that takes longer, that of all children together. None by default. */
  public Pipeline startTimeout(Duration timeout) {
    return with(s -> s.startTimeout = Durations.positive(timeout, "a start timeout"));
  }

  /** As {@link Command#outputGrace}, for each output that comes to the JVM; 1 second by default. */
  public Pipeline outputGrace(Duration grace) {
    return with(s -> s.outputGrace = Durations.checked(grace, "the output grace"));
  }

  /** The most bytes that {@link #output()} and {@link #text()} keep; 16 MiB by default. */
  public Pipeline captureLimit(int bytes) {
    Settings.checkCaptureLimit(bytes);
    return with(s -> s.captureLimit = bytes);
  }

  /** How {@link #lines()} and {@link #lineEvents()} cut; {@link Records#lines()} by default. */
  public Pipeline records(Records records) {
    return with(s -> s.records = Objects.requireNonNull(records));
  }

  /** How bytes become text; UTF-8 with replacement by default, whatever the machine's locale. */
  public Pipeline decoding(TextDecoding decoding) {
    return with(s -> s.decoding = Objects.requireNonNull(decoding));
  }

  /** Leaves the children in the JVM's process group; see {@link Command#inheritProcessGroup()}. */
  public Pipeline inheritProcessGroup() {
    return with(s -> s.group = Settings.Group.INHERITED);
  }

  /**
   * Gives the children one cgroup together; as {@link Command#cgroup}. A stage that is a job of
   * several children has their cgroups, as they were declared.
   */
  public Pipeline cgroup(Cgroups place) {
    return with(s -> s.cgroups = Objects.requireNonNull(place, "place"));
  }

  /**
   * Makes each stage the leader of a new session, as {@link Command#newSession()} does; of each its
   * own, as nobody can join a process group of another session. So here the stages share no group:
   * what is said of the group of the pipeline, of signals, {@link RunningPipeline#pause()} and
   * ending, goes to the group of each stage. A stage that is a job of several children has their
   * groups, as they were declared.
   */
  public Pipeline newSession() {
    return with(s -> s.group = Settings.Group.SESSION);
  }

  /**
   * Gives the children, which are one process group, the foreground of the JVM's controlling
   * terminal, as {@link Command#foreground()} does: {@code git log | less}. Stdin of the first
   * stage, stdout of the last and every stderr are the JVM's own, unless they were sent elsewhere
   * or the way to run asks for stdout. The terminal is given back when all children have stopped or
   * are gone, and once more to them by {@link RunningPipeline#resume()}. A stage that is a job of
   * several children is refused when it is run.
   *
   * @throws InvalidCommandException with {@link #inheritProcessGroup()}, {@link #newSession()} or
   *     {@link #detached()}
   */
  public Pipeline foreground() {
    return with(s -> s.foreground = true);
  }

  /** Lets the children outlive the JVM; see {@link Command#detached()}. */
  public Pipeline detached() {
    return with(s -> s.life = Settings.Life.DETACHED);
  }

  /**
   * Asks for this capacity of each pipe, those between the children included; the kernel's 64 KiB
   * by default. See {@link Command#pipeCapacity}.
   */
  public Pipeline pipeCapacity(int bytes) {
    Settings.checkPipeCapacity(bytes);
    return with(s -> s.pipeCapacity = bytes);
  }

  /** Runs on this runtime instead of {@link ProcessRuntime#shared()}. */
  public Pipeline on(ProcessRuntime runtime) {
    return with(s -> s.runtime = Objects.requireNonNull(runtime));
  }

  /**
   * Runs it and captures stdout of the last stage, up to {@link #captureLimit} bytes, and head and
   * tail of each stderr.
   *
   * @return one result, when all children have exited and their outputs have ended
   */
  public Mono<PipelineResult> output() {
    return collect(Wiring.Mode.OUTPUT, Map.of(), run -> {});
  }

  /** Runs it and answers the whole stdout of the last stage as text; as {@link #output()}. */
  public Mono<String> text() {
    return endsInJava()
        ? whole.decoding.decode(bytes()).collect(Collectors.joining())
        : output()
            .flatMap(
                result ->
                    whole
                        .decoding
                        .decode(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(result.stdout())))
                        .collect(Collectors.joining()));
  }

  /** Runs it and streams the lines of the last stage by demand; as {@link Command#lines()}. */
  public Flux<String> lines() {
    return whole.records.decodeText(bytes(), whole.decoding);
  }

  /**
   * Runs it and streams stdout of the last stage by demand; as {@link Command#bytes()}. A slow
   * subscriber makes the last stage wait, and that the one before it. Completes after the last byte
   * and the exit of all children.
   */
  public Flux<ByteBuf> bytes() {
    int last = stages.size() - 1;
    if (stages.get(last) instanceof JavaStage java) {
      return java.over(withStages(stages.subList(0, last)).bytes());
    }
    return Runs.bytes(() -> plan(Wiring.Mode.BYTES));
  }

  private boolean endsInJava() {
    return stages.get(stages.size() - 1) instanceof JavaStage;
  }

  /**
   * Runs it and streams the lives of its stages: starts, stdout of the last and every stderr by
   * demand, stops, exits. The error of a status that is not accepted comes after the last event.
   */
  public Flux<PipelineEvent> events() {
    return events(Optional.empty());
  }

  /** As {@link #events()}, with {@link ProcessEvent.Line}s in place of chunks of output. */
  public Flux<PipelineEvent> lineEvents() {
    return events(Optional.of(whole.records));
  }

  private Flux<PipelineEvent> events(Optional<Records> records) {
    return Runs.events(
        () -> plan(Wiring.Mode.EVENTS),
        records,
        (part, event) -> new PipelineEvent(part.position(), event));
  }

  /**
   * Runs it and answers how its stages ended. The statuses are values here: they are checked only
   * if a policy was {@linkplain #success set}. Stdout is discarded unless it was sent elsewhere.
   */
  public Mono<PipelineResult> exit() {
    return exit(Map.of());
  }

  /**
   * As {@link #exit()}, on descriptors of others: stdin of the first, stdout of the last, stderr.
   */
  Mono<PipelineResult> exit(Map<Integer, LentDescriptor> lent) {
    return exit(lent, run -> {});
  }

  /**
   * As {@link #exit(Map)}.
   *
   * @param begins gets the run before it begins
   */
  Mono<PipelineResult> exit(Map<Integer, LentDescriptor> lent, Consumer<Run> begins) {
    return collect(Wiring.Mode.EXIT, lent, begins);
  }

  private Mono<PipelineResult> collect(
      Wiring.Mode mode, Map<Integer, LentDescriptor> lent, Consumer<Run> begins) {
    return Runs.collect(
        () -> plan(mode, lent.keySet()), lent, parts -> PipelineResult.of(parts, policy()), begins);
  }

  /** Starts it and answers a handle, once all children run; as {@link Command#start()}. */
  public Mono<RunningPipeline> start() {
    return Runs.start(actual -> new PipelineStart(this, plan(Wiring.Mode.START), actual));
  }

  /** As a shell would write it, a stage in Java as {@code (Java)} and a tap as {@code (tap)}. */
  @Override
  public String toString() {
    return stages.stream().map(Stage::toString).collect(Collectors.joining(" | "));
  }
}
