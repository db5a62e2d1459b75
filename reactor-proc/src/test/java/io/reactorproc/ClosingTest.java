/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ClosingState.Phase;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** The end of all children of one runtime. */
@Timeout(60)
class ClosingTest {
  private static final ClosingRules RULES = ClosingRules.standard();

  private final ProcessRuntime runtime = ProcessRuntime.on(EventLoops.shared());
  private final Closing closing = Closing.of(runtime);
  private final Command sleep = Command.of("sleep", "1000").on(runtime);

  @TempDir Path directory;

  private ClosingState close(ClosingRules rules) {
    return Objects.requireNonNull(closing.begin(rules).blockLast(SOON));
  }

  /** All of them: who subscribes after the beginning hears of the last one only. */
  private List<ClosingState> statesOf(ClosingRules rules) {
    Mono<List<ClosingState>> all = closing.states().collectList();
    return Objects.requireNonNull(
        all.mergeWith(Mono.fromRunnable(() -> closing.begin(rules))).blockLast(SOON));
  }

  private static RunningProcess start(Command command) {
    return Objects.requireNonNull(command.start().block(SOON));
  }

  @Test
  void closing_endsAllChildrenOfItsRuntimeAndNoOthers() {
    RunningProcess other = start(Command.of("sleep", "1000"));
    RunningProcess process = start(sleep);
    RunningPipeline pipeline =
        Objects.requireNonNull(
            Command.of("sleep", "1000").pipe(Command.of("cat")).on(runtime).start().block(SOON));

    assertThat(close(RULES)).isEqualTo(new ClosingState(Phase.OVER, List.of()));

    assertThat(process.exit().block(SOON)).hasToString("SIGTERM");
    assertThat(pipeline.exit().block(SOON)).isNotNull();
    assertThat(pipeline.isAlive()).isFalse();
    assertThat(runtime.liveChildren()).isZero();
    assertThat(other.isAlive()).isTrue();
    other.dispose();
    pipeline.dispose();
    process.dispose();
  }

  @Test
  void startAfterItBegan_isATypedErrorExceptForDetachedChildren() {
    close(RULES);

    StepVerifier.create(sleep.exit()).verifyErrorSatisfies(ClosingTest::isRefused);
    StepVerifier.create(sleep.start()).verifyErrorSatisfies(ClosingTest::isRefused);
    StepVerifier.create(Command.of("cat").pipe(Command.of("cat")).on(runtime).output())
        .verifyErrorSatisfies(ClosingTest::isRefused);
    StepVerifier.create(sleep.then(sleep).output()).verifyErrorSatisfies(ClosingTest::isRefused);
    assertThat(Command.of("echo", "x").on(runtime).detached().text().block(SOON)).isEqualTo("x\n");
  }

  private static void isRefused(Throwable error) {
    assertThat(error).isInstanceOf(ProcessStartException.class);
    assertThat(((ProcessStartException) error).reason())
        .isEqualTo(ProcessStartException.Reason.SHUTDOWN);
  }

  @Test
  void detachedChild_stays() {
    RunningProcess stays = start(sleep.detached());

    assertThat(close(RULES).left()).isEmpty();

    assertThat(stays.isAlive()).isTrue();
    stays.dispose();
    stays.exit().block(SOON);
  }

  @Test
  void runThatIsEndedByIt_failsWithThatReasonUnlessItsStatusIsGood() {
    Command obeys = Command.shell("trap 'exit 0' TERM; echo ready; sleep 1000 & wait").on(runtime);
    List<String> lines = new ArrayList<>();

    StepVerifier.create(sleep.output())
        .then(() -> Await.until("it runs", () -> runtime.liveChildren() == 1))
        .then(() -> assertThat(lines).isEmpty())
        .then(
            () ->
                StepVerifier.create(obeys.lines().doOnNext(lines::add))
                    .expectNext("ready")
                    .then(() -> closing.begin(RULES).subscribe())
                    .expectComplete()
                    .verify(SOON))
        .expectErrorSatisfies(
            error -> {
              assertThat(error).isInstanceOf(ProcessExitException.class);
              assertThat(((ProcessExitException) error).reason())
                  .isEqualTo(ProcessExitException.Reason.SHUTDOWN);
              assertThat(error).hasMessageContaining("was ended by the shutdown: SIGTERM");
            })
        .verify(SOON);
  }

  /** Says on SIGTERM who it is, and exits. */
  private Command tracing(String name) {
    String script =
        "trap 'echo $1 >> \"$2\"; kill $! 2>/dev/null; exit 0' TERM;"
            + " (echo ready; exec sleep 1000 >/dev/null) & wait";
    return Command.shell(script)
        .args("sh", name, directory.resolve("trace").toString())
        .named(name)
        .on(runtime);
  }

  @Test
  void jobs_areEndedAfterAllThatNeedThem() throws IOException {
    ClosingRules rules = RULES.dependency("web", "app", "cache").dependency("app", "db");
    List<RunningProcess> running = new ArrayList<>();
    for (String name : List.of("db", "cache", "app", "web", "web")) {
      RunningProcess started = start(tracing(name));
      running.add(started);
      assertThat(started.lines().blockFirst(SOON)).isEqualTo("ready");
    }

    List<ClosingState> states = statesOf(rules);

    List<String> told = Files.readAllLines(directory.resolve("trace"));
    assertThat(told).hasSize(5).startsWith("web", "web");
    assertThat(told.indexOf("db")).isGreaterThan(told.indexOf("app"));
    assertThat(states.get(0).left())
        .hasSize(5)
        .allMatch(job -> job.told() == job.name().equals(Optional.of("web")))
        .anyMatch(job -> job.toString().startsWith("db ["));
    running.forEach(RunningProcess::dispose);
  }

  @Test
  void needThatIsNotDirect_countsThoughTheOneBetweenIsNotThere() throws IOException {
    RunningProcess db = start(tracing("db"));
    RunningProcess web = start(tracing("web"));
    assertThat(db.lines().blockFirst(SOON)).isEqualTo("ready");
    assertThat(web.lines().blockFirst(SOON)).isEqualTo("ready");

    close(RULES.dependency("web", "app").dependency("app", "db"));

    assertThat(directory.resolve("trace")).hasContent("web\ndb\n");
    db.dispose();
    web.dispose();
  }

  @Test
  void pipeline_isEndedFromItsFirstStageOn() throws IOException {
    Pipeline pipeline = stage("first").pipe(stage("second")).pipe(stage("third")).on(runtime);
    RunningPipeline running = Objects.requireNonNull(pipeline.start().block(SOON));
    for (RunningProcess stage : running.children()) {
      assertThat(stage.stderr().map(chunk -> chunk.release()).blockFirst(SOON)).isTrue();
    }

    close(RULES);

    assertThat(directory.resolve("trace")).hasContent("first\nsecond\nthird\n");
    running.dispose();
  }

  private Command stage(String name) {
    String script =
        "trap 'echo $1 >> \"$2\"; kill $! 2>/dev/null; exit 0' TERM;"
            + " (echo ready >&2; exec sleep 1000 2>/dev/null) & wait";
    return Command.shell(script).args("sh", name, directory.resolve("trace").toString());
  }

  @Test
  void needInACircle_isRefused() {
    ClosingRules rules = RULES.dependency("a", "b").dependency("b", "c");

    assertThatThrownBy(() -> rules.dependency("c", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("circle");
    assertThatThrownBy(() -> RULES.dependency("a", "a"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RULES.patience(Duration.ofSeconds(-1)))
        .isInstanceOf(InvalidCommandException.class);
  }

  private Command deaf() {
    return Command.shell("trap '' TERM; sleep 1000 & echo $!; wait; wait")
        .termination(Termination.graceful(Duration.ofHours(1)))
        .on(runtime);
  }

  @Test
  void whatIsLeftAfterThePatience_isKilledWithItsGroup() {
    RunningProcess running = start(deaf());
    int grandchild = Integer.parseInt(Objects.requireNonNull(running.lines().blockFirst(SOON)));
    running.terminate(); // by its own, which takes an hour: it is not begun anew

    List<ClosingState> states = statesOf(RULES.patience(Duration.ofMillis(200)));

    assertThat(states)
        .extracting(ClosingState::phase)
        .containsSubsequence(Phase.ENDING, Phase.KILLING, Phase.OVER);
    assertThat(running.exit().block(SOON)).hasToString("SIGKILL");
    Await.until("its child is gone", () -> !Proc.isRunning(grandchild));
    running.dispose();
  }

  @Test
  void kill_doesNotWaitForThePatience() {
    RunningProcess running = start(deaf());
    assertThat(running.lines().blockFirst(SOON)).isNotNull();
    StepVerifier whole =
        StepVerifier.create(closing.states().map(ClosingState::phase))
            .expectNext(Phase.ENDING)
            .then(closing::kill)
            .thenConsumeWhile(phase -> phase == Phase.KILLING)
            .expectNext(Phase.OVER)
            .expectComplete();

    closing.begin(RULES.patience(Duration.ofHours(1)));

    whole.verify(SOON);
    running.dispose();
  }

  @Test
  void askedForAgain_itIsTheSameAndTheFirstRulesCount() {
    RunningProcess running = start(deaf());
    assertThat(running.lines().blockFirst(SOON)).isNotNull();
    assertThat(closing.hasBegun()).isFalse();

    closing.begin(RULES.patience(Duration.ofMillis(100)));

    assertThat(closing.hasBegun()).isTrue();
    assertThat(close(RULES.patience(Duration.ofHours(1))).left()).isEmpty();
    assertThat(close(RULES).phase()).as("when it is over").isEqualTo(Phase.OVER);
    running.dispose();
  }

  @Test
  void pausedChild_isEndedToo() {
    RunningProcess running = start(sleep);
    assertThat(running.pause().block(SOON)).isTrue();

    assertThat(close(RULES).left()).isEmpty();

    assertThat(running.exit().block(SOON)).hasToString("SIGTERM");
    running.dispose();
  }

  /** None may slip through between the look at the living and the last refusal. */
  @Test
  void startsThatRaceWithIt_areEndedOrRefused() {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();

    Flux.range(0, 400)
        .flatMap(
            i ->
                sleep
                    .exit()
                    .doOnSubscribe(
                        s -> {
                          if (begun.incrementAndGet() == 200) {
                            closing.begin(RULES).subscribe();
                          }
                        })
                    .onErrorResume(
                        ProcessStartException.class,
                        error -> {
                          refused.incrementAndGet();
                          return Mono.empty();
                        }),
            400)
        .blockLast(SOON);

    assertThat(closing.states().blockLast(SOON)).isNotNull();
    assertThat(runtime.liveChildren()).isZero();
    assertThat(refused.get()).isPositive();
  }

  @Test
  void subscriberThatThrows_doesNotStopIt() {
    RunningProcess running = start(sleep);
    closing
        .states()
        .subscribe(
            state -> {
              throw new IllegalStateException("on purpose");
            },
            error -> {});

    assertThat(close(RULES).left()).isEmpty();
    running.dispose();
  }
}
