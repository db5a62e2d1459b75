/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** How a pipeline is ended: in order, within bounds, with all that its stages started. */
class PipelineEndingTest {
  private static final Command SLEEP = Command.of("sleep", "1000");
  private static final Command DEAF =
      Command.of("sh", "-c", "trap '' TERM; echo ready >&2; while :; do sleep 1000; done");

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(EndingOrder.class)
  void stagesThatHearSigterm_areEndedInTheChosenOrder(EndingOrder order) throws IOException {
    Path trace = directory.resolve("trace");
    Pipeline three =
        tracing(trace, 0).pipe(tracing(trace, 1)).pipe(tracing(trace, 2)).ending(order);
    RunningPipeline running = three.start().block(SOON);
    assertThat(running).isNotNull();
    awaitReady(running);

    running.terminate();
    PipelineResult result = running.exit().block(SOON);
    running.dispose();

    assertThat(result).isNotNull();
    assertThat(result.failures()).isEmpty();
    List<String> told = Files.readAllLines(trace);
    switch (order) {
      case UPSTREAM_FIRST -> assertThat(told).containsExactly("0", "1", "2");
      case DOWNSTREAM_FIRST -> assertThat(told).containsExactly("2", "1", "0");
      case ALL_AT_ONCE -> assertThat(told).containsExactlyInAnyOrder("0", "1", "2");
    }
  }

  /**
   * Says on SIGTERM which stage it is, and exits. Its shell waits, as only a wait is interrupted;
   * it is ready when the process it waits for has left the shell's traps behind.
   */
  private static Command tracing(Path trace, int stage) {
    String script =
        "trap 'echo $1 >> \"$2\"; kill $! 2>/dev/null; exit 0' TERM;"
            + " (echo ready >&2; exec sleep 1000) & wait";
    return Command.shell(script).args("sh", Integer.toString(stage), trace.toString());
  }

  private static void awaitReady(RunningPipeline running) {
    running
        .children()
        .forEach(
            child ->
                assertThat(
                        child
                            .stderr()
                            .map(
                                chunk -> {
                                  boolean some = chunk.isReadable();
                                  chunk.release();
                                  return some;
                                })
                            .blockFirst(SOON))
                    .isTrue());
  }

  @Test
  void stageThatIgnoresSigterm_isKilledWithinTheTermination() {
    Pipeline pipeline =
        SLEEP.pipe(DEAF).pipe(SLEEP).termination(Termination.graceful(Duration.ofMillis(300)));
    RunningPipeline running = pipeline.start().block(SOON);
    assertThat(running).isNotNull();
    assertThat(running.stderr(1).map(chunk -> chunk.release()).blockFirst(SOON)).isTrue();

    long start = System.nanoTime();
    running.terminate();
    PipelineResult result = running.exit().block(SOON);
    running.dispose();

    assertThat(result).isNotNull();
    assertThat(result.stages())
        .extracting(stage -> stage.status().toString())
        .containsExactly("SIGTERM", "SIGKILL", "SIGTERM");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void timeout_endsAllStagesAndIsTheError() {
    StepVerifier.create(SLEEP.pipe(SLEEP).timeout(Duration.ofMillis(100)).exit())
        .expectErrorSatisfies(
            error -> {
              assertThat(error).isInstanceOf(PipelineException.class);
              assertThat(((PipelineException) error).reason()).isEqualTo(Reason.TIMEOUT);
              assertThat(((PipelineException) error).result().stages())
                  .allMatch(stage -> stage.status().signal().equals(Optional.of(Signal.SIGTERM)));
            })
        .verify(SOON);
    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void idleTimeout_countsTheOutputOfAllStages() {
    StepVerifier.create(
            Command.of("echo", "x").pipe(SLEEP).idleTimeout(Duration.ofMillis(100)).output())
        .expectErrorSatisfies(
            error ->
                assertThat(((PipelineException) error).reason()).isEqualTo(Reason.IDLE_TIMEOUT))
        .verify(SOON);
  }

  @Test
  void captureLimit_endsAllStagesAndKeepsWhatCame() {
    StepVerifier.create(Command.of("yes").pipe(Command.of("cat")).captureLimit(10).output())
        .expectErrorSatisfies(
            error -> {
              PipelineException failure = (PipelineException) error;
              assertThat(failure.reason()).isEqualTo(Reason.CAPTURE_LIMIT);
              assertThat(failure.stage()).isEqualTo(1);
              assertThat(failure.result().stdoutText()).isEqualTo("y\ny\ny\ny\ny\n");
            })
        .verify(SOON);
    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void failingInput_endsAllStagesAndIsTheCause() {
    IllegalStateException thrown = new IllegalStateException("on purpose");

    StepVerifier.create(
            Command.of("cat").pipe(SLEEP).stdin(Stdin.publisher(Flux.error(thrown))).output())
        .expectErrorSatisfies(
            error -> {
              assertThat(((PipelineException) error).reason()).isEqualTo(Reason.INPUT);
              assertThat(((PipelineException) error).stage()).isZero();
              assertThat(error).hasCause(thrown);
            })
        .verify(SOON);
  }

  @ParameterizedTest
  @EnumSource(EndingOrder.class)
  void grandchildOfAStage_isEndedWithIt(EndingOrder order) {
    Command parent = Command.of("sh", "-c", "sleep 1000 & echo $!; wait");

    assertGrandchildEnds(parent.pipe(Command.of("cat")).ending(order));
  }

  @ParameterizedTest
  @EnumSource(EndingOrder.class)
  void grandchildThatHoldsNoPipe_isEndedThoughTheStagesEndByThemselves(EndingOrder order) {
    Command parent =
        Command.of("sh", "-c", "sleep 1000 </dev/null >/dev/null 2>&1 & echo $!; wait");

    assertGrandchildEnds(parent.pipe(Command.of("cat")).ending(order));
  }

  /** The first stage, told alone, ends after the second, which tells by a FIFO that it is gone. */
  @Test
  void grandchildOfTheStageThatIsLastToGo_isEndedToo() {
    String fifo = directory.resolve("fifo").toString();
    Command.of("mkfifo", fifo).output().block(SOON);
    Command parent =
        Command.shell(
                "trap 'exec >&-; cat <&4 >&2; exit 0' TERM; sleep 1000 </dev/null >/dev/null 2>&1 &"
                    + " exec 4<$1; echo $!; wait")
            .args("sh", fifo);
    Command reader = Command.shell("exec cat 3>$1").args("sh", fifo);

    assertGrandchildEnds(parent.pipe(reader));
  }

  @Test
  void grandchildOfALaterStage_isEndedThoughTheLeaderIsReaped() {
    Command parent = Command.of("sh", "-c", "sleep 1000 & echo $!; wait");

    assertGrandchildEnds(Command.of("true").pipe(parent));
  }

  @Test
  void withoutPidfds_stagesAreEndedAndReapedToo() {
    ProcessRuntime timed =
        new ProcessRuntime(EventLoops.shared(), Kernel.system(), ExitWatch.Factory.timed());

    assertThat(Command.of("yes").pipe(Command.of("head", "-n", "1")).on(timed).text().block(SOON))
        .isEqualTo("y\n");
    StepVerifier.create(SLEEP.pipe(SLEEP).on(timed).timeout(Duration.ofMillis(100)).exit())
        .expectError(PipelineException.class)
        .verify(SOON);
    assertThat(timed.liveChildren()).isZero();
    assertThat(Proc.children()).isEmpty();
  }

  private static void assertGrandchildEnds(Pipeline pipeline) {
    AtomicInteger grandchild = new AtomicInteger();

    pipeline
        .lines()
        .doOnNext(line -> grandchild.set(Integer.parseInt(line)))
        .take(1)
        .blockLast(SOON);

    Await.until("the grandchild is gone", () -> !Proc.isRunning(grandchild.get()));
    Await.until("all children are reaped", () -> Proc.children().isEmpty());
  }

  @Test
  void grandchildThatKeepsTheLastPipe_delaysTheEndNoLongerThanTheGrace() {
    PipelineResult result =
        Command.of("echo", "x")
            .pipe(Command.of("sh", "-c", "cat; sleep 1000 & echo $!"))
            .outputGrace(Duration.ofMillis(100))
            .output()
            .block(SOON);

    assertThat(result).isNotNull();
    String[] lines = result.stdoutText().split("\n", -1);
    int grandchild = Integer.parseInt(lines[1]);
    try {
      assertThat(lines[0]).isEqualTo("x");
      OutputSummary stdout = result.last().process().summary(1).orElseThrow();
      assertThat(stdout.end()).isEqualTo(StreamEnd.ABANDONED);
      assertThat(stdout.holders()).contains(grandchild);
    } finally {
      ProcessHandle.of(grandchild).ifPresent(ProcessHandle::destroyForcibly);
      Await.until("the grandchild is gone", () -> !Proc.isRunning(grandchild));
    }
  }

  @Test
  void stageThatLeftTheGroup_isEndedByItself() {
    RunningPipeline running = SLEEP.pipe(Command.of("setsid", "sleep", "1000")).start().block(SOON);
    assertThat(running).isNotNull();
    int moved = running.stage(1).pid().orElseThrow();
    Await.until("it leads its own group", () -> Kernel.system().processGroup(moved) == moved);

    assertThat(running.signal(Signal.SIGTERM).block(SOON)).isTrue();

    assertThat(running.exit().block(SOON)).isNotNull();
    assertThat(running.signal(Signal.SIGTERM).block(SOON)).isFalse();
    running.dispose();
  }
}
