/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** A function between two children: by demand on both sides, and ended with them. */
class PipelineJavaStageTest {
  private static final Command CAT = Command.of("cat");

  private static Flux<ByteBuf> upper(Flux<ByteBuf> output) {
    return output.map(chunk -> copy(text(chunk).toUpperCase(Locale.ROOT)));
  }

  /** Text of a buffer, which is released. */
  private static String text(ByteBuf chunk) {
    String text = chunk.toString(StandardCharsets.UTF_8);
    chunk.release();
    return text;
  }

  private static ByteBuf copy(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void stageInTheMiddle_transformsWhatPasses() {
    Pipeline pipeline =
        Command.of("printf", "b\\na\\n")
            .pipe(PipelineJavaStageTest::upper)
            .pipe(Command.of("sort"));

    PipelineResult result = pipeline.output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("A\nB\n");
    assertThat(result.stages()).extracting(StageResult::position).containsExactly(0, 2);
  }

  @Test
  void severalStages_followEachOther() {
    Pipeline pipeline =
        Command.of("echo", "x")
            .pipe(PipelineJavaStageTest::upper)
            .pipe(PipelineJavaStageTest::upper)
            .pipe(CAT)
            .pipe(PipelineJavaStageTest::upper)
            .pipe(CAT);

    assertThat(pipeline).hasToString("echo x | (Java) | cat | (Java) | cat");
    assertThat(pipeline.text().block(SOON)).isEqualTo("X\n");
  }

  @Test
  void stageAtTheEnd_isWhatIsStreamed() {
    Pipeline pipeline = Command.of("printf", "a\\nb\\n").pipe(PipelineJavaStageTest::upper);

    assertThat(pipeline.text().block(SOON)).isEqualTo("A\nB\n");
    assertThat(pipeline.lines().collectList().block(SOON)).containsExactly("A", "B");
  }

  @Test
  void slowStage_makesTheChildBeforeItWait() {
    AtomicInteger passed = new AtomicInteger();
    Function<Flux<ByteBuf>, Flux<ByteBuf>> stuck =
        output ->
            output
                .map(chunk -> copy(text(chunk))) // on the heap, as one of them stays here
                .delayUntil(chunk -> passed.incrementAndGet() < 3 ? Mono.empty() : Mono.never());
    RunningPipeline running = Command.of("yes").pipe(stuck).pipe(CAT).start().block(SOON);
    assertThat(running).isNotNull();
    try {
      int yes = running.stage(0).pid().orElseThrow();
      Disposable reading = running.stdout().subscribe(ReferenceCountUtil::release);
      Await.until("the third chunk is held", () -> passed.get() == 3);

      long written = BackPressure.awaitStandstill(yes);

      assertThat(written).isLessThan(4 << 20);
      reading.dispose();
    } finally {
      running.dispose();
    }
  }

  @Test
  void slowReader_makesTheStageWait() {
    AtomicInteger passed = new AtomicInteger();
    Function<Flux<ByteBuf>, Flux<ByteBuf>> counting =
        output -> output.doOnNext(chunk -> passed.incrementAndGet());
    RunningPipeline running =
        Command.of("yes").pipe(counting).pipe(Command.of("sleep", "1000")).start().block(SOON);
    assertThat(running).isNotNull();
    try {
      int yes = running.stage(0).pid().orElseThrow();

      long written = BackPressure.awaitStandstill(yes);
      int chunks = passed.get();

      assertThat(written).isLessThan(4 << 20);
      assertThat(BackPressure.written(yes)).isEqualTo(written);
      assertThat(passed).hasValue(chunks);
    } finally {
      running.dispose();
    }
  }

  @Test
  void stageThatTakesEnough_endsTheOneBeforeItWithSigpipe() {
    PipelineResult result =
        Command.of("yes")
            .pipe(output -> output.take(1).map(chunk -> copy(text(chunk).substring(0, 2))))
            .pipe(CAT)
            .success(PipePolicy.pipefail())
            .output()
            .block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("y\n");
    assertThat(result.stage(0).status().signal()).contains(Signal.SIGPIPE);
  }

  @Test
  void stageThatIgnoresItsInput_endsTheOneBeforeItToo() {
    PipelineResult result =
        Command.of("yes").pipe(output -> Mono.just(copy("own"))).pipe(CAT).output().block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("own");
    assertThat(result.stage(0).status().signal()).contains(Signal.SIGPIPE);
  }

  @Test
  void readerThatEnds_cancelsTheStage() {
    AtomicInteger cancelled = new AtomicInteger();
    PipelineResult result =
        Command.of("yes")
            .pipe(output -> output.doOnCancel(cancelled::incrementAndGet))
            .pipe(Command.of("head", "-n", "1"))
            .output()
            .block(SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("y\n");
    assertThat(cancelled).hasValue(1);
  }

  @Test
  void stageThatFails_endsThePipelineAndIsTheCause() {
    IllegalStateException thrown = new IllegalStateException("on purpose");

    for (Function<Flux<ByteBuf>, Flux<ByteBuf>> stage : failing(thrown)) {
      StepVerifier.create(Command.of("yes").pipe(stage).pipe(CAT).output())
          .expectErrorSatisfies(
              error -> {
                assertThat(error).hasCause(thrown);
                assertThat(((PipelineException) error).reason()).isEqualTo(Reason.INPUT);
                assertThat(((PipelineException) error).stage()).isEqualTo(2);
              })
          .verify(SOON);
    }
    assertThat(Proc.children()).isEmpty();
  }

  private static List<Function<Flux<ByteBuf>, Flux<ByteBuf>>> failing(RuntimeException thrown) {
    return List.of(
        output -> Flux.error(thrown),
        output -> {
          throw thrown;
        },
        output ->
            output.map(
                chunk -> {
                  chunk.release();
                  throw thrown;
                }));
  }

  @Test
  void stageOnAnotherThread_losesNothing() {
    Pipeline pipeline =
        Command.of("seq", "1", "100000")
            .pipe(
                output ->
                    output.map(chunk -> copy(text(chunk))).publishOn(Schedulers.parallel(), 4))
            .pipe(Command.of("wc", "-l"));

    assertThat(pipeline.text().block(SOON)).isEqualTo("100000\n");
  }
}
