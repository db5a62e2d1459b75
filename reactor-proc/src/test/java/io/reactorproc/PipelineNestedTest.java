/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A job of several children as a stage: {@code { a; b; } | c}. */
class PipelineNestedTest {
  private static final Command CAT = Command.of("cat");
  private static final Command SLEEP = Command.of("sleep", "1000");
  private static final Steps ECHOES = Steps.of(Command.of("echo", "a"), Command.of("echo", "b"));

  @Test
  void stepsAtTheBeginning_writeIntoOnePipe() {
    Pipeline pipeline = Pipeline.of(ECHOES).pipe(CAT);

    assertThat(pipeline).hasToString("{ echo a; echo b; } | cat");
    assertThat(pipeline.text().block(SOON)).isEqualTo("a\nb\n");
  }

  @Test
  void stepsAtTheEnd_readFromOnePipeAndAreStreamed() {
    Steps reading = Steps.of(Command.shell("read first; echo got $first"), CAT);
    Pipeline pipeline = Pipeline.of(Command.of("seq", "3")).pipe(reading);

    assertThat(pipeline.lines().collectList().block(SOON)).containsExactly("got 1", "2", "3");
    assertThat(pipeline.text().block(SOON)).isEqualTo("got 1\n2\n3\n");
  }

  @Test
  void stepsInTheMiddle_doBoth() {
    Pipeline pipeline =
        Pipeline.of(Command.of("echo", "x")).pipe(Steps.of(CAT, Command.of("echo", "y"))).pipe(CAT);

    PipelineResult result = pipeline.output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("x\ny\n");
    assertThat(result.stages()).hasSize(3).allMatch(StageResult::success);
  }

  @Test
  void stepsBesideStepsAndJava_passOn() {
    Pipeline pipeline =
        Pipeline.of(ECHOES)
            .pipe(output -> output)
            .pipe(Steps.of(CAT))
            .pipe(Steps.of(CAT))
            .pipe(CAT);

    assertThat(pipeline.text().block(SOON)).isEqualTo("a\nb\n");
  }

  @Test
  void stderrOfSteps_joinsThePipeWherePipeAllSaysSo() {
    Steps loud = Steps.of(Command.shell("echo err >&2"), Command.of("echo", "out"));

    assertThat(Pipeline.of(loud).pipeAll(CAT).text().block(SOON)).isEqualTo("err\nout\n");
    PipelineResult kept = Pipeline.of(loud).pipe(CAT).output().block(SOON);
    assertThat(kept).isNotNull();
    assertThat(kept.stdoutText()).isEqualTo("out\n");
    assertThat(kept.stage(0).stderr().text()).isEqualTo("err\n");
  }

  @Test
  void stepsThatFail_areBlamedAsAStage() {
    Pipeline pipeline = Pipeline.of(Steps.of(Command.of("true"), Command.of("false"))).pipe(CAT);

    StepVerifier.create(pipeline.success(PipePolicy.pipefail()).output())
        .expectErrorSatisfies(
            error -> {
              assertThat(error).hasMessageContaining("stage 1 of { true; false; } | cat");
              assertThat(((PipelineException) error).status().is(1)).isTrue();
            })
        .verify(SOON);
  }

  @Test
  void stepThatCannotStart_isTheError() {
    StepVerifier.create(Pipeline.of(Steps.of(Command.of("no-such-program"))).pipe(CAT).output())
        .expectError(ProcessStartException.class)
        .verify(SOON);
    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void timeout_endsTheStepsToo() {
    Pipeline pipeline =
        Pipeline.of(SLEEP).pipe(Steps.of(SLEEP, SLEEP)).timeout(Duration.ofMillis(100));

    StepVerifier.create(pipeline.exit())
        .expectErrorSatisfies(
            error -> assertThat(((PipelineException) error).reason()).isEqualTo(Reason.TIMEOUT))
        .verify(SOON);

    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void handle_streamsWhatTheLastStepsWrite() {
    RunningPipeline running =
        Pipeline.of(Command.of("echo", "x")).pipe(Steps.of(CAT)).start().block(SOON);
    assertThat(running).isNotNull();

    assertThat(running.lines().collectList().block(SOON)).containsExactly("x");
    assertThat(running.exit().block(SOON)).isNotNull();
    assertThat(running.isAlive()).isFalse();
    running.dispose();
  }

  @Test
  void events_areThoseOfTheCommandsAndTheLastOutput() {
    List<PipelineEvent> events =
        Pipeline.of(Command.of("echo", "x"))
            .pipe(Steps.of(CAT))
            .lineEvents()
            .collectList()
            .block(SOON);

    assertThat(events).isNotNull();
    assertThat(events)
        .filteredOn(event -> event.event() instanceof ProcessEvent.Line)
        .extracting(PipelineEvent::stage)
        .containsExactly(1);
    assertThat(events)
        .filteredOn(event -> event.event() instanceof ProcessEvent.Exited)
        .extracting(PipelineEvent::stage)
        .containsExactly(0);
  }

  @Test
  void cancelAtAnyMoment_leavesNothing() {
    Random moments = new Random(5);
    Pipeline pipeline =
        Pipeline.of(Steps.of(Command.of("echo", "x"), Command.of("yes")))
            .pipe(Steps.of(CAT, SLEEP));

    Flux.range(0, 60)
        .flatMap(
            i ->
                pipeline
                    .lines()
                    .takeUntilOther(Mono.delay(Duration.ofNanos(moments.nextInt(12_000_000))))
                    .then(),
            6)
        .blockLast(SOON);

    Await.until("all children are reaped", () -> Proc.children().isEmpty());
  }

  @Test
  void callOfTheStartThatFails_leavesNothing() {
    FaultyKernel kernel = new FaultyKernel();
    ProcessRuntime runtime =
        new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());
    Pipeline pipeline =
        Pipeline.of(ECHOES).pipe(Command.of("/bin/cat")).pipe(Steps.of(CAT)).on(runtime);
    assertThat(pipeline.text().block(SOON)).isEqualTo("a\nb\n");
    kernel.failAt(-1, Errno.EIO);
    assertThat(pipeline.text().block(SOON)).isEqualTo("a\nb\n");
    int calls = kernel.calls().size();
    int before = Proc.descriptors().size();

    IntStream.range(0, calls)
        .forEach(
            call -> {
              kernel.failAt(call, Errno.ENOMEM);
              StepVerifier.create(pipeline.text())
                  .expectError(ProcessStartException.class)
                  .verify(SOON);
            });

    assertThat(Proc.children()).isEmpty();
    Await.until("descriptors are closed", () -> Proc.descriptors().size() <= before);
  }
}
