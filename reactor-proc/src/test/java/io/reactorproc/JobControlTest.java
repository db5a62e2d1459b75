/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.signals.Signal;
import io.reactorproc.signals.Signals;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Stops, continuations, and who makes them. */
@Timeout(60)
class JobControlTest {
  private static final Command SLEEP = Command.of("sleep", "1000");
  private static final int SIGCHLD = 17;

  /** Says that it is ready, and its child's pid, and on SIGTERM that it heard it. */
  private static final Command TREE =
      Command.shell(
          "trap 'echo told; kill $!; exit 5' TERM; sleep 1000 >/dev/null 2>&1 & echo $!; wait");

  private final Disposable.Composite started = Disposables.composite();

  @AfterEach
  void endAll() {
    started.dispose();
  }

  private RunningProcess start(Command command) {
    RunningProcess running = Objects.requireNonNull(command.start().block(SOON));
    started.add(running);
    return running;
  }

  private RunningPipeline start(Pipeline pipeline) {
    RunningPipeline running = Objects.requireNonNull(pipeline.start().block(SOON));
    started.add(running);
    return running;
  }

  private static int pid(RunningProcess running) {
    return running.pid().orElseThrow();
  }

  private static String state(RunningProcess running) {
    return ProcStat.state(pid(running));
  }

  @Test
  void userOfAHandle_learnsOfStopsUntilTheExit() {
    RunningProcess running = start(SLEEP);

    StepVerifier.create(running.jobChanges())
        .then(() -> running.signal(Signal.SIGTSTP).subscribe())
        .assertNext(e -> assertThat(e).isInstanceOf(ProcessEvent.Stopped.class))
        .then(() -> running.signal(Signal.SIGCONT).subscribe())
        .assertNext(e -> assertThat(e).isInstanceOf(ProcessEvent.Continued.class))
        .then(() -> running.signal(Signal.SIGSTOP).subscribe())
        .assertNext(e -> assertThat(((ProcessEvent.Stopped) e).signal()).isEqualTo(Signal.SIGSTOP))
        .then(() -> running.terminate(Termination.kill()))
        .expectComplete()
        .verify(SOON);
    assertThat(running.jobChanges().collectList().block(SOON)).isEmpty();
  }

  @Test
  void everySubscriber_hearsOfEachChange_andALaterOneOfTheStopThatLasts() {
    RunningProcess running = start(SLEEP);
    List<String> first = new CopyOnWriteArrayList<>();
    Disposable subscription = running.jobChanges().map(JobControlTest::word).subscribe(first::add);

    assertThat(running.pause().block(SOON)).isTrue();
    StepVerifier.create(running.jobChanges().map(JobControlTest::word))
        .expectNext("Stopped")
        .then(() -> running.resume().subscribe())
        .expectNext("Continued")
        .thenCancel()
        .verify(SOON);

    Await.until("the first hears, too", () -> first.equals(List.of("Stopped", "Continued")));
    subscription.dispose();
  }

  private static String word(ProcessEvent event) {
    return event.getClass().getSimpleName();
  }

  @Test
  void slowSubscriber_hearsOfTheLastChange() {
    RunningProcess running = start(SLEEP);
    List<String> all = new CopyOnWriteArrayList<>();

    StepVerifier.create(running.jobChanges().map(JobControlTest::word), 0)
        .expectSubscription()
        .then(
            () -> {
              // behind the slow one, so that what this one has heard that one has, too
              started.add(running.jobChanges().map(JobControlTest::word).subscribe(all::add));
              running.pause().then(running.resume()).then(running.pause()).block(SOON);
              running.resume().block(SOON);
              Await.until("all is told", () -> all.size() == 4);
            })
        .thenRequest(1)
        .expectNext("Continued")
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void stopWhileNobodyListened_isToldToTheNextSubscriber() {
    RunningProcess running = start(SLEEP);
    assertThat(running.signal(Signal.SIGSTOP).block(SOON)).isTrue();
    Await.until("it is stopped", () -> state(running).equals("T"));

    StepVerifier.create(running.jobChanges().map(JobControlTest::word))
        .expectNext("Stopped")
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void nobodyListens_sigchldIsLeftAlone() {
    RunningProcess running = start(SLEEP);
    Await.until("nobody catches SIGCHLD", () -> !ProcStat.isCaught(SIGCHLD));

    Disposable listening = running.jobChanges().subscribe();
    Await.until("SIGCHLD is caught", () -> ProcStat.isCaught(SIGCHLD));
    listening.dispose();

    Await.until("nobody catches SIGCHLD any more", () -> !ProcStat.isCaught(SIGCHLD));
  }

  @Test
  void stagesOfAPipeline_areToldByTheirPositions() {
    RunningPipeline running = start(SLEEP.pipe(flux -> flux).pipe(SLEEP));

    StepVerifier.create(running.jobChanges())
        .then(() -> running.stage(2).signal(Signal.SIGSTOP).subscribe())
        .assertNext(
            e -> {
              assertThat(e.stage()).isEqualTo(2);
              assertThat(e.event()).isInstanceOf(ProcessEvent.Stopped.class);
            })
        .then(() -> running.stage(0).signal(Signal.SIGSTOP).subscribe())
        .assertNext(e -> assertThat(e.stage()).isZero())
        .then(() -> running.terminate(Termination.kill()))
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void eventsOfAPipeline_tellOfStops() {
    int[] pid = new int[1];
    Pipeline pipeline = SLEEP.pipe(SLEEP).termination(Termination.kill());

    StepVerifier.create(pipeline.events())
        .assertNext(e -> assertThat(e.event()).isInstanceOf(ProcessEvent.Started.class))
        .assertNext(e -> pid[0] = ((ProcessEvent.Started) e.event()).pid())
        .then(() -> kill("STOP", pid[0]))
        .assertNext(
            e -> {
              assertThat(e.stage()).isEqualTo(1);
              assertThat(e.event()).isInstanceOf(ProcessEvent.Stopped.class);
            })
        .then(() -> kill("CONT", pid[0]))
        .assertNext(e -> assertThat(e.event()).isInstanceOf(ProcessEvent.Continued.class))
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void pause_isOverWhenTheChildAndItsGroupAreStopped_andResumeUndoesIt() {
    RunningProcess running = start(TREE);
    int grandchild = Integer.parseInt(Objects.requireNonNull(running.lines().blockFirst(SOON)));

    assertThat(running.pause().block(SOON)).isTrue();
    assertThat(state(running)).isEqualTo("T");
    Await.until("its child is stopped", () -> ProcStat.state(grandchild).equals("T"));
    assertThat(running.pause().block(SOON)).as("once more").isTrue();

    assertThat(running.resume().block(SOON)).isTrue();
    assertThat(state(running)).isNotEqualTo("T");
    Await.until("its child goes on", () -> !ProcStat.state(grandchild).equals("T"));
    assertThat(running.resume().block(SOON)).as("once more").isTrue();
  }

  @Test
  void pauseOfWhatIsGone_saysSo() {
    RunningProcess running = start(Command.of("true"));
    running.exit().block(SOON);

    assertThat(running.pause().block(SOON)).isFalse();
    assertThat(running.resume().block(SOON)).isFalse();
    RunningPipeline pipeline = start(Command.of("true").pipe(Command.of("true")));
    pipeline.exit().block(SOON);
    assertThat(pipeline.pause().block(SOON)).isFalse();
    assertThat(pipeline.resume().block(SOON)).isFalse();
  }

  @Test
  void pauseThatAResumeOvertakes_doesNotHang() {
    RunningProcess running = start(SLEEP);

    for (int i = 0; i < 50; i++) {
      Boolean resumed =
          Mono.zip(running.pause(), running.resume()).map(both -> both.getT2()).block(SOON);
      assertThat(resumed).isTrue();
      assertThat(state(running)).isNotEqualTo("T");
    }
  }

  /** In the JVM's group the signal to a group would stop the JVM. */
  @Test
  void pauseOfAChildInTheGroupOfTheJvm_stopsTheChildAlone() {
    RunningProcess running = start(SLEEP.inheritProcessGroup());
    assertThat(ProcStat.group(pid(running))).isEqualTo(ProcStat.group(Proc.self()));

    assertThat(running.pause().block(SOON)).isTrue();

    assertThat(state(running)).isEqualTo("T");
    assertThat(running.resume().block(SOON)).isTrue();
  }

  @Test
  void pauseOfAPipeline_stopsAllItsChildren_alsoThoseOfANestedJob() {
    Command says = Command.shell("echo $$ >&2; exec sleep 1000");
    RunningPipeline running = start(SLEEP.pipe(says.then(says)).pipe(SLEEP));
    List<Integer> pids = running.children().stream().map(JobControlTest::pid).toList();
    Await.until("the nested one is there", () -> Proc.children().size() == 3);

    assertThat(running.pause().block(SOON)).isTrue();
    pids.forEach(pid -> assertThat(ProcStat.state(pid)).isEqualTo("T"));
    Await.until(
        "the nested one is stopped",
        () -> Proc.children().keySet().stream().allMatch(p -> ProcStat.state(p).equals("T")));

    assertThat(running.resume().block(SOON)).isTrue();
    pids.forEach(pid -> assertThat(ProcStat.state(pid)).isNotEqualTo("T"));
    assertThat(Proc.children()).hasSize(3);
  }

  @Test
  void signalThatEndsNobody_leavesANestedJobItsNextSteps() {
    RunningPipeline running = start(Command.of("cat").stdin(Stdin.pipe()).pipe(lines()));
    Await.until("the first step runs", () -> Proc.children().size() == 2);

    List<Signal> ours = new CopyOnWriteArrayList<>();
    started.add(
        Signals.on(Signal.SIGWINCH, Signal.SIGURG).subscribe(event -> ours.add(event.signal())));
    assertThat(running.signal(Signal.SIGWINCH).block(SOON)).isTrue();
    kill("URG", Proc.self());
    Await.until("what was sent to us is here", () -> ours.contains(Signal.SIGURG));
    assertThat(ours).as("sent to the group of this JVM").doesNotContain(Signal.SIGWINCH);
    running.stdin().write("a\nb\n").then(running.stdin().close()).block(SOON);

    assertThat(running.lines().collectList().block(SOON)).containsExactly("a", "b");
  }

  /** Two steps that read a line each. */
  private static Job lines() {
    Command line = Command.shell("read -r line; echo $line");
    return line.then(line);
  }

  @Test
  void pausedChild_hearsSigtermAndEndsAsItLikes() {
    RunningProcess running = start(TREE);
    List<String> lines = new CopyOnWriteArrayList<>();
    running.lines().subscribe(lines::add);
    Await.until("it is ready", () -> lines.size() == 1);
    assertThat(running.pause().block(SOON)).isTrue();

    running.terminate();

    assertThat(running.exit().block(SOON)).matches(status -> status.is(5));
    Await.until("it said so", () -> lines.contains("told"));
  }

  @Test
  void pausedPipeline_isEndedStageByStage() {
    RunningPipeline running = start(SLEEP.pipe(SLEEP).pipe(SLEEP));
    assertThat(running.pause().block(SOON)).isTrue();

    running.terminate();

    PipelineResult result = running.exit().block(SOON);
    assertThat(result).isNotNull();
    assertThat(result.stages()).allMatch(s -> s.status().toString().equals("SIGTERM"));
  }

  @Test
  void pausedChildThatOneSignalAloneIsMeantFor_hearsIt() {
    RunningProcess running =
        start(SLEEP.termination(Termination.start().signalChild(Signal.SIGINT)));
    assertThat(running.pause().block(SOON)).isTrue();

    running.terminate();

    assertThat(running.exit().block(SOON)).hasToString("SIGINT");
  }

  @Test
  void cancelOfAPausedChild_leavesNothing() {
    RunningProcess running = start(SLEEP);
    assertThat(running.pause().block(SOON)).isTrue();

    running.dispose();

    assertThat(running.exit().block(SOON)).hasToString("SIGTERM");
  }

  @Test
  void timeInAPause_isNotIdle() {
    RunningProcess running =
        start(
            SLEEP
                .stdout(Output.discard())
                .stderr(Output.discard())
                .idleTimeout(Duration.ofMillis(300)));
    assertThat(running.pause().block(SOON)).isTrue();

    StepVerifier.create(running.exit())
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(700))
        .thenCancel()
        .verify(SOON);
    running.resume().block(SOON);

    StepVerifier.create(running.exit())
        .expectErrorSatisfies(
            e ->
                assertThat(((ProcessExitException) e).reason())
                    .isEqualTo(ProcessExitException.Reason.IDLE_TIMEOUT))
        .verify(SOON);
  }

  @Test
  void manyChildren_arePausedAndHeardOfWithoutAThreadEach() {
    List<RunningProcess> many =
        Objects.requireNonNull(
            Flux.range(0, 100).flatMap(i -> SLEEP.start(), 16).collectList().block(SOON));
    many.forEach(started::add);
    int threads = Proc.threads().size();
    List<String> heard = new CopyOnWriteArrayList<>();
    many.forEach(
        running ->
            started.add(running.jobChanges().map(JobControlTest::word).subscribe(heard::add)));

    assertThat(Flux.fromIterable(many).flatMap(RunningProcess::pause, 100).all(b -> b).block(SOON))
        .isTrue();

    assertThat(many).allMatch(running -> state(running).equals("T"));
    Await.until("all stops are heard of", () -> heard.size() == 100);
    assertThat(Flux.fromIterable(many).flatMap(RunningProcess::resume, 100).all(b -> b).block(SOON))
        .isTrue();
    Await.until("all continuations, too", () -> heard.size() == 200);
    Await.until("no thread for each", () -> Proc.threads().size() < threads + 20);
  }

  @Test
  void cancelledPause_listensToNothingAndLeavesTheChildStopped() {
    RunningProcess running = start(SLEEP);

    running.pause().subscribe().dispose();
    running.pause().block(SOON);

    assertThat(state(running)).isEqualTo("T");
    Await.until("nobody catches SIGCHLD", () -> !ProcStat.isCaught(SIGCHLD));
  }

  private static void kill(String signal, int pid) {
    Command.of("kill", "-" + signal, Integer.toString(pid)).output().block(SOON);
  }
}
