/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.reactorproc.StepResult.Outcome;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Jobs one after the other, by how the one before has ended. */
@Timeout(60)
class SequenceTest {

  private static Command exiting(int code, String name) {
    return Command.of("sh", "-c", "echo " + name + "; exit " + code);
  }

  private static SequenceResult run(Sequence sequence) {
    return sequence.exit().blockOptional(SOON).orElseThrow();
  }

  private static String outputOf(Sequence sequence) {
    return sequence
        .success(ExitPolicy.any())
        .text()
        .blockOptional(SOON)
        .orElseThrow()
        .replace('\n', ' ')
        .strip();
  }

  private static List<Outcome> outcomes(SequenceResult result) {
    return result.steps().stream().map(StepResult::outcome).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, a b, 0", //
    "3, 0, a, 3",
    "0, 4, a b, 4",
  })
  void then_runsTheNextAfterASuccess(int a, int b, String written, int status) {
    Sequence sequence = exiting(a, "a").then(exiting(b, "b"));
    assertThat(outputOf(sequence)).isEqualTo(written);
    assertThat(run(sequence).status().is(status)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, a, 0", //
    "3, 0, a b, 0",
    "3, 4, a b, 4",
  })
  void orElse_runsTheNextAfterAFailure(int a, int b, String written, int status) {
    Sequence sequence = exiting(a, "a").orElse(exiting(b, "b"));
    assertThat(outputOf(sequence)).isEqualTo(written);
    assertThat(run(sequence).status().is(status)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "3, 4"})
  void andThen_runsTheNextInAnyCase(int a, int b) {
    Sequence sequence = exiting(a, "a").andThen(exiting(b, "b"));
    assertThat(outputOf(sequence)).isEqualTo("a b");
    assertThat(run(sequence).status().is(b)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 0", "7, 0"})
  void not_turnsTheStatus(int code, int status) {
    SequenceResult result = run(exiting(code, "a").not());
    assertThat(result.status().is(status)).isTrue();
    assertThat(result.success()).isEqualTo(status == 0);
    assertThat(result.steps().get(0).status()).get().matches(s -> s.is(code));
  }

  @Test
  void links_bindEquallyFromTheLeft() {
    Command yes = exiting(0, "yes");
    Command no = exiting(1, "no");
    assertThat(outputOf(yes.orElse(no).then(exiting(0, "c")))).isEqualTo("yes c");
    assertThat(outputOf(no.then(yes).orElse(exiting(0, "c")))).isEqualTo("no c");
    assertThat(outputOf(no.not().then(exiting(0, "b")))).isEqualTo("no b");
    assertThat(outputOf(yes.then(no).not().then(exiting(0, "c")))).isEqualTo("yes no c");
    // A group on the right is one step.
    assertThat(outputOf(yes.orElse(no.then(exiting(0, "c"))))).isEqualTo("yes");
    assertThat(outputOf(no.then(yes).andThen(exiting(0, "d")))).isEqualTo("no d");
  }

  @Test
  void result_hasEveryStep() {
    Command no = exiting(3, "no");
    SequenceResult result = run(no.then(exiting(0, "b")).orElse(exiting(0, "c")).andThen(no));

    assertThat(outcomes(result))
        .containsExactly(Outcome.RAN, Outcome.SKIPPED, Outcome.RAN, Outcome.RAN);
    assertThat(result.steps().get(0).success()).isFalse();
    assertThat(result.steps().get(0).status()).get().matches(s -> s.is(3));
    assertThat(result.steps().get(1).status()).isEmpty();
    assertThat(result.steps().get(2).success()).isTrue();
    assertThat(result.last().position()).isEqualTo(3);
  }

  @Test
  void policyOfAStep_saysWhetherItEndedWell() {
    Command grep = Command.of("grep", "x").success(ExitPolicy.codes(0, 1));
    SequenceResult result = run(grep.then(exiting(0, "b")));
    assertThat(result.steps().get(0).success()).isTrue();
    assertThat(result.steps().get(0).status()).get().matches(s -> s.is(1));
    assertThat(result.last().position()).isEqualTo(1);
  }

  @Test
  void signalThatEndsAStep_isAFailure() {
    assertThat(outputOf(Command.shell("kill -KILL $$").orElse(exiting(0, "b")))).isEqualTo("b");
    assertThat(run(Sequence.of(Command.shell("kill -KILL $$"))).status().signal())
        .contains(Signal.SIGKILL);
  }

  @Test
  void finalStatus_isAnErrorOfOutputAndAValueOfExit() {
    Sequence sequence = exiting(0, "a").then(Command.shell("echo why >&2; exit 4"));
    StepVerifier.create(sequence.output())
        .expectErrorSatisfies(
            error -> {
              SequenceException exception = (SequenceException) error;
              assertThat(exception.status().is(4)).isTrue();
              assertThat(exception.stderr().text()).isEqualTo("why\n");
              assertThat(exception.result().stdoutText()).isEqualTo("a\n");
              assertThat(exception).hasMessageContaining("step 2 of").hasMessageContaining("why");
            })
        .verify(SOON);
    assertThat(run(sequence).success()).isFalse();
  }

  @Test
  void policyOfTheWhole_judgesTheFinalStatus() {
    StepVerifier.create(
            exiting(4, "a").andThen(exiting(5, "b")).success(ExitPolicy.codes(5)).text())
        .expectNext("a\nb\n")
        .expectComplete()
        .verify(SOON);
    StepVerifier.create(exiting(0, "a").then(exiting(0, "b")).success(ExitPolicy.codes(5)).exit())
        .expectError(SequenceException.class)
        .verify(SOON);
  }

  @Test
  void bytes_haveAllAndThenTheError() {
    StepVerifier.create(exiting(0, "a").then(exiting(4, "b")).lines())
        .expectNext("a", "b")
        .expectError(SequenceException.class)
        .verify(SOON);
  }

  @Test
  void pipeline_isAStepWithItsResult() {
    Pipeline pipeline = Command.of("seq", "3").pipe(Command.of("grep", "-c", "."));
    assertThat(outputOf(pipeline.then(exiting(0, "b")))).isEqualTo("3 b");
    SequenceResult result = run(pipeline.then(exiting(0, "b")));
    assertThat(result.steps().get(0).pipeline().orElseThrow().stages()).hasSize(2);
  }

  @Test
  void pipelineThatFailsByItsPolicy_isAFailedStep() {
    Pipeline pipeline =
        Command.shell("exit 3").pipe(Command.of("cat")).success(PipePolicy.pipefail());
    SequenceResult result = run(pipeline.orElse(exiting(0, "b")));
    assertThat(result.steps().get(0).success()).isFalse();
    assertThat(result.steps().get(0).pipeline().orElseThrow().failures()).hasSize(1);
    assertThat(result.success()).isTrue();
  }

  @Test
  void startFailure_isAnErrorByDefault() {
    StepVerifier.create(Command.of("no-such-program").orElse(exiting(0, "b")).exit())
        .expectError(ProcessStartException.class)
        .verify(SOON);
  }

  @Test
  void startFailureAfterOutput_comesBehindTheOutput() {
    StepVerifier.create(exiting(0, "a").then(Command.of("no-such-program")).lines())
        .expectNext("a")
        .expectError(ProcessStartException.class)
        .verify(SOON);
  }

  @Test
  void startFailureAsAStatus_isThatOfAShell(@TempDir Path directory) throws IOException {
    Path noProgram = Files.writeString(directory.resolve("file"), "");
    Command noInput = Command.of("cat").stdin(Stdin.file(directory.resolve("missing")));
    assertThat(statusOf(Command.of("no-such-program"))).isEqualTo(127);
    assertThat(statusOf(Command.of(directory.resolve("missing").toString()))).isEqualTo(127);
    assertThat(statusOf(Command.of(noProgram.toString()))).isEqualTo(126);
    assertThat(statusOf(noInput)).isEqualTo(2);

    SequenceResult result =
        run(
            Command.of("no-such-program")
                .orElse(exiting(0, "b"))
                .startFailures(StartFailures.STATUS));
    assertThat(outcomes(result)).containsExactly(Outcome.NOT_STARTED, Outcome.RAN);
    assertThat(result.steps().get(0).failure()).get().isInstanceOf(ProcessStartException.class);
  }

  private static int statusOf(Command command) {
    return run(Sequence.of(command).startFailures(StartFailures.STATUS))
        .status()
        .code()
        .orElseThrow();
  }

  @Test
  void startFailureAsAStatus_holdsForGroupsInside() {
    Sequence group = Command.of("no-such-program").orElse(exiting(0, "b"));
    assertThat(
            outputOf(
                exiting(0, "a")
                    .then(group.stderr(Output.discard()))
                    .startFailures(StartFailures.STATUS)))
        .isEqualTo("a b");
  }

  @Test
  void stdin_isSharedByTheSteps(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("in"), "one\ntwo\nthree\n");
    Command readsALine = Command.shell("read line; echo $line");
    assertThat(outputOf(readsALine.then(Command.of("cat")).stdin(Stdin.file(file))))
        .isEqualTo("one two three");
    // From a pipe as from a file; read(1) takes one line byte by byte.
    assertThat(outputOf(readsALine.then(Command.of("cat")).stdin(Stdin.text("one\ntwo\nthree\n"))))
        .isEqualTo("one two three");
  }

  @Test
  void inputLargerThanAnyPipe_flowsThroughTheSteps() {
    Sequence sequence =
        Command.of("head", "-c", "10")
            .then(Command.of("wc", "-c"))
            .stdin(Stdin.bytes(new byte[1 << 22]));
    // head reads ahead into its buffer, as in a shell, so that wc has the rest or less of it.
    assertThat(outputOf(sequence)).matches("\\x00{10}[0-9]+");
  }

  @Test
  void stepThatReadsNothing_leavesAPublisherThatIsCancelled() {
    assertThat(
            run(Command.of("true")
                    .then(Command.of("true"))
                    .stdin(Stdin.texts(Flux.<String>never())))
                .success())
        .isTrue();
  }

  @Test
  void inputThatFails_endsTheSequence() {
    StepVerifier.create(
            Command.of("sleep", "1000")
                .then(exiting(0, "b"))
                .stdin(Stdin.texts(Flux.error(new IllegalStateException("input"))))
                .exit())
        .expectErrorSatisfies(
            error -> {
              SequenceException exception = (SequenceException) error;
              assertThat(exception.reason()).isEqualTo(ProcessExitException.Reason.INPUT);
              assertThat(exception).hasCauseInstanceOf(IllegalStateException.class);
            })
        .verify(SOON);
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  @Test
  void files_areOpenedOnceForAllSteps(@TempDir Path directory) {
    Path out = directory.resolve("out");
    Command both = Command.shell("echo out; echo err >&2");
    run(both.then(exiting(0, "b")).stdout(Output.file(out)).mergeStderr());
    assertThat(out).hasContent("out\nerr\nb\n");

    run(exiting(0, "c").then(exiting(0, "d")).stdout(Output.append(out)));
    assertThat(out).hasContent("out\nerr\nb\nc\nd\n");
  }

  @Test
  void redirectOfAStep_isItsOwn(@TempDir Path directory) {
    Path out = directory.resolve("out");
    assertThat(outputOf(exiting(0, "a").then(exiting(0, "b").stdout(Output.file(out)))))
        .isEqualTo("a");
    assertThat(out).hasContent("b\n");
  }

  @Test
  void mergedStderr_isInTheOutput() {
    assertThat(outputOf(Command.shell("echo err >&2").then(exiting(0, "b")).mergeStderr()))
        .isEqualTo("err b");
  }

  @Test
  void groupInside_hasItsOwnDescriptors(@TempDir Path directory) {
    Path out = directory.resolve("out");
    Sequence group = exiting(0, "b").then(exiting(0, "c")).stdout(Output.file(out));
    assertThat(outputOf(exiting(0, "a").then(group).then(exiting(0, "d")))).isEqualTo("a d");
    assertThat(out).hasContent("b\nc\n");
  }

  @Test
  void slowSubscriber_makesTheStepWait() {
    BaseSubscriber<ByteBuf> subscriber =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
            subscription.request(1);
          }

          @Override
          protected void hookOnNext(ByteBuf chunk) {
            chunk.release();
          }
        };
    Command.of("echo", "a").then(Command.of("yes")).bytes().subscribe(subscriber);
    Await.until(
        "yes blocks in write",
        () ->
            Proc.children().entrySet().stream()
                .anyMatch(child -> child.getValue().equals("S yes")));
    int pid = Proc.children().keySet().iterator().next();
    long written = BackPressure.written(pid);
    Command.of("seq", "1", "200000").lines().blockLast(SOON);
    assertThat(BackPressure.written(pid)).isEqualTo(written).isLessThan(2 << 20);

    subscriber.cancel();
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  @Test
  void bytes_streamMoreThanAPipeHolds() {
    long sum =
        Command.of("head", "-c", "3000000", "/dev/zero")
            .then(Command.of("head", "-c", "3000000", "/dev/zero"))
            .bytes()
            .map(
                chunk -> {
                  int size = chunk.readableBytes();
                  chunk.release();
                  return (long) size;
                })
            .reduce(0L, Long::sum)
            .blockOptional(SOON)
            .orElseThrow();
    assertThat(sum).isEqualTo(6_000_000);
  }

  @Test
  void captureLimit_endsTheSequence() {
    StepVerifier.create(Command.of("yes").then(exiting(0, "b")).captureLimit(10).output())
        .expectErrorSatisfies(
            error -> {
              SequenceException exception = (SequenceException) error;
              assertThat(exception.reason()).isEqualTo(ProcessExitException.Reason.CAPTURE_LIMIT);
              assertThat(exception.result().stdoutText()).isEqualTo("y\ny\ny\ny\ny\n");
            })
        .verify(SOON);
  }

  @Test
  void timeout_endsTheStepThatRuns() {
    StepVerifier.create(
            Command.of("true")
                .then(Command.of("sleep", "1000"))
                .andThen(exiting(0, "c"))
                .timeout(Duration.ofSeconds(2))
                .exit())
        .expectErrorSatisfies(
            error -> {
              SequenceException exception = (SequenceException) error;
              assertThat(exception.reason()).isEqualTo(ProcessExitException.Reason.TIMEOUT);
              assertThat(exception.status().signal()).contains(Signal.SIGTERM);
              assertThat(outcomes(exception.result()))
                  .containsExactly(Outcome.RAN, Outcome.RAN, Outcome.SKIPPED);
            })
        .verify(SOON);
  }

  @Test
  void timeoutOfAStep_isAFailureThatOthersMayRepair() {
    SequenceResult result =
        run(
            Command.of("sleep", "1000")
                .timeout(Duration.ofMillis(200))
                .orElse(exiting(0, "b"))
                .timeout(Duration.ofSeconds(30)));
    assertThat(result.success()).isTrue();
    assertThat(result.steps().get(0).failure()).get().isInstanceOf(ProcessExitException.class);
  }

  @Test
  void timeoutWithoutDemand_isToldAtOnce() {
    StepVerifier.create(
            Command.of("yes").then(exiting(0, "b")).timeout(Duration.ofMillis(300)).bytes(), 0)
        .expectError(SequenceException.class)
        .verify(SOON);
  }

  @Test
  void cancel_endsTheStepThatRunsAndStartsNoFurther(@TempDir Path directory) {
    Path started = directory.resolve("started");
    Sequence sequence =
        Command.of("sleep", "1000").andThen(Command.of("touch", started.toString()));
    Disposable running = sequence.exit().subscribe();
    Await.until("the first runs", () -> ProcessRuntime.shared().liveChildren() == 1);

    running.dispose();

    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
    // Another child that came and went: had there been a second step, it would have been there.
    Command.of("true").exit().block(SOON);
    assertThat(started).doesNotExist();
  }

  @Test
  void pipeHeldByAGrandchild_isGivenUpAfterTheGrace() {
    Sequence sequence =
        exiting(0, "a")
            .then(Command.shell("sleep 1000 & echo $!"))
            .outputGrace(Duration.ofMillis(100));
    List<String> lines = sequence.lines().collectList().blockOptional(SOON).orElseThrow();
    assertThat(lines).hasSize(2).startsWith("a");
    Command.of("kill", lines.get(1)).exit().block(SOON);
  }

  @Test
  void whatCannotBeRun_isRefusedBeforeAnythingStarts(@TempDir Path directory) {
    Path started = directory.resolve("started");
    StepVerifier.create(
            Command.of("touch", started.toString())
                .then(Command.of("cat").stdin(Stdin.pipe()))
                .exit())
        .expectError(InvalidCommandException.class)
        .verify(SOON);
    assertThat(started).doesNotExist();
  }

  @Test
  void text_readsAsInAShell() {
    Sequence sequence =
        Command.of("a")
            .then(Command.of("b").not())
            .orElse(Command.of("c"))
            .andThen(Command.of("d"));
    assertThat(sequence).hasToString("a && ! b || c; d");
  }

  @Test
  void hundredSteps_oneAfterTheOther() {
    Sequence sequence = Sequence.of(Command.of("true"));
    for (int i = 0; i < 100; i++) {
      sequence = sequence.then(Command.of("echo", Integer.toString(i)));
    }
    assertThat(sequence.text().map(text -> text.lines().count()).block(SOON)).isEqualTo(100);
  }
}
