/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Sequences as stages of pipelines: {@code { a; b; } | c}. */
@Timeout(60)
class SequenceStageTest {
  private static final Command CAT = Command.of("cat");
  private static final Command FALSE = Command.of("false");

  private static Command echo(String text) {
    return Command.of("echo", text);
  }

  private static String outputOf(Pipeline pipeline) {
    return pipeline
        .success(PipePolicy.last().strict())
        .text()
        .blockOptional(SOON)
        .orElseThrow()
        .replace('\n', ' ')
        .strip();
  }

  @Test
  void sequenceInFront_writesIntoOnePipe() {
    Sequence sequence = echo("b").then(FALSE).orElse(echo("a"));
    assertThat(outputOf(sequence.pipe(Command.of("sort")))).isEqualTo("a b");
    assertThat(sequence.pipe(CAT)).hasToString("{ echo b && false || echo a; } | cat");
  }

  @Test
  void sequenceBehind_readsFromOnePipe() {
    Sequence reads = Command.shell("read line; echo got $line").then(CAT);
    assertThat(outputOf(Command.of("seq", "3").pipe(reads))).isEqualTo("got 1 2 3");
  }

  @Test
  void sequenceInTheMiddle_doesBoth() {
    assertThat(outputOf(echo("x").pipe(CAT.andThen(echo("y"))).pipe(CAT))).isEqualTo("x y");
  }

  @Test
  void sequenceBesideJava_passesOn() {
    assertThat(outputOf(echo("a").then(echo("b")).pipe(bytes -> bytes).pipe(CAT))).isEqualTo("a b");
  }

  @Test
  void pipelineInASequenceInAPipeline_isOneStream() {
    Sequence inner = echo("a").pipe(CAT).andThen(echo("b").pipe(CAT));
    assertThat(outputOf(inner.pipe(CAT))).isEqualTo("a b");
    assertThat(inner.pipe(CAT).then(echo("c")).text().blockOptional(SOON).orElseThrow())
        .isEqualTo("a\nb\nc\n");
  }

  @Test
  void stderrOfTheSteps_joinsThePipe() {
    Sequence loud = Command.shell("echo err >&2").andThen(echo("out"));
    assertThat(outputOf(loud.pipeAll(CAT))).isEqualTo("err out");
    assertThat(outputOf(loud.mergeStderr().pipe(CAT))).isEqualTo("err out");
  }

  @Test
  void statusOfTheSequence_isThatOfTheStage() {
    StepVerifier.create(
            Command.of("true")
                .then(Command.shell("exit 3"))
                .pipe(CAT)
                .success(PipePolicy.pipefail())
                .exit())
        .expectErrorSatisfies(
            error -> {
              PipelineException exception = (PipelineException) error;
              assertThat(exception.stage()).isZero();
              assertThat(exception.status().is(3)).isTrue();
            })
        .verify(SOON);
    StepVerifier.create(FALSE.not().pipe(CAT).success(PipePolicy.pipefail()).exit())
        .expectNextCount(1)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void readerThatLeaves_endsTheStepsBySigpipe() {
    assertThat(
            Command.of("yes")
                .andThen(Command.of("yes"))
                .pipe(Command.of("head", "-n", "1"))
                .text()
                .block(SOON))
        .isEqualTo("y\n");
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  @Test
  void redirectOfASequence_isRefusedWhereItIsJoined(@TempDir Path directory) {
    Sequence in = CAT.then(CAT).stdin(Stdin.empty());
    Sequence out = CAT.then(CAT).stdout(Output.file(directory.resolve("x")));
    assertThatThrownBy(() -> CAT.pipe(in)).isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> out.pipe(CAT)).isInstanceOf(InvalidCommandException.class);
    assertThat(outputOf(CAT.then(CAT).stdin(Stdin.text("x")).pipe(CAT))).isEqualTo("x");
  }

  @Test
  void cancelOfThePipeline_endsTheStepAndStartsNoFurther(@TempDir Path directory) {
    Path started = directory.resolve("started");
    Pipeline pipeline =
        Command.of("sleep", "1000").andThen(Command.of("touch", started.toString())).pipe(CAT);
    Disposable running = pipeline.exit().subscribe();
    Await.until("both run", () -> ProcessRuntime.shared().liveChildren() == 2);

    running.dispose();

    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
    Command.of("true").exit().block(SOON);
    assertThat(started).doesNotExist();
  }

  @Test
  void timeoutOfThePipeline_endsTheStep() {
    StepVerifier.create(
            Command.of("sleep", "1000")
                .orElse(Command.of("sleep", "1000"))
                .pipe(CAT)
                .timeout(Duration.ofMillis(200))
                .exit())
        .expectError(PipelineException.class)
        .verify(SOON);
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  @Test
  void timeoutOfTheSequenceAround_endsThePipelineInside() {
    StepVerifier.create(
            Command.of("sleep", "1000")
                .pipe(CAT)
                .orElse(echo("b"))
                .timeout(Duration.ofSeconds(1))
                .exit())
        .expectErrorSatisfies(
            error ->
                assertThat(((SequenceException) error).reason())
                    .isEqualTo(ProcessExitException.Reason.TIMEOUT))
        .verify(SOON);
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  @Test
  void startFailureInAPipeline_isAnErrorOrAsInAShell() {
    Pipeline noFirst = Command.of("no-such-program").pipe(Command.of("wc", "-c"));
    Pipeline noLast = echo("a").pipe(Command.of("no-such-program"));
    StepVerifier.create(noFirst.andThen(echo("b")).text())
        .expectError(ProcessStartException.class)
        .verify(SOON);

    StepVerifier.create(noFirst.then(echo("b")).startFailures(StartFailures.STATUS).text())
        .expectNext("0\nb\n")
        .expectComplete()
        .verify(SOON);
    SequenceResult result =
        noLast
            .orElse(echo("b"))
            .startFailures(StartFailures.STATUS)
            .exit()
            .blockOptional(SOON)
            .orElseThrow();
    assertThat(result.steps().get(0).status()).get().matches(status -> status.is(127));
    assertThat(result.success()).isTrue();
  }

  @Test
  void startFailureInAStage_isThatOfAShellWhereTheWholeSaysSo() {
    Pipeline pipeline = Command.of("no-such-program").orElse(echo("a")).pipe(CAT);
    StepVerifier.create(Sequence.of(pipeline).startFailures(StartFailures.STATUS).text())
        .expectNext("a\n")
        .expectComplete()
        .verify(SOON);
    StepVerifier.create(pipeline.text()).expectError(ProcessStartException.class).verify(SOON);
  }

  @Test
  void whatAStepCannotDo_isRefusedBeforeAnythingStarts(@TempDir Path directory) {
    Path started = directory.resolve("started");
    Pipeline pipeline =
        Command.of("touch", started.toString())
            .andThen(CAT.stdout(Output.tee(OutputTarget.consumer(bytes -> {}))))
            .pipe(CAT);
    StepVerifier.create(pipeline.output()).expectError(InvalidCommandException.class).verify(SOON);
    assertThat(started).doesNotExist();
  }

  @Test
  void cancelAtAnyMoment_leavesNothing() {
    Random moments = new Random(7);
    Sequence sequence =
        echo("a")
            .then(Command.of("yes").pipe(Command.of("head", "-n", "1000")))
            .andThen(CAT.then(FALSE).stdin(Stdin.texts(Flux.just("x", "y"))))
            .orElse(Command.of("sleep", "1000"));
    Flux.range(0, 120)
        .flatMap(
            i ->
                (i % 2 == 0 ? sequence.lines() : sequence.pipe(CAT).lines())
                    .takeUntilOther(Mono.delay(Duration.ofNanos(moments.nextInt(12_000_000))))
                    .then(),
            6)
        .blockLast(SOON);
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }
}
