/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.RunningTap;
import io.reactorproc.ipc.Tap;
import io.reactorproc.ipc.TapChunk;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A look at what flows between two children. */
@Timeout(120)
class PipelineTapTest {
  private static final Command CAT = Command.of("cat");

  private final AtomicReference<@Nullable RunningTap> tap = new AtomicReference<>();

  private Mono<Void> drain(RunningTap running) {
    tap.set(running);
    return running.bytes().doOnNext(ByteBuf::release).then();
  }

  private Mono<Void> neverAsk(RunningTap running) {
    tap.set(running);
    return Mono.never();
  }

  private RunningTap tap() {
    Await.until("the tap is there", () -> tap.get() != null);
    return Objects.requireNonNull(tap.get());
  }

  private static PipelineResult result(Mono<PipelineResult> run) {
    return Objects.requireNonNull(run.block(SOON));
  }

  @Test
  void exact_seesEveryByteOf256MiB() {
    CompletableFuture<String> seen = new CompletableFuture<>();
    CRC32 crc = new CRC32();
    Pipeline pipeline =
        Command.of("head", "-c", "256M", "/dev/zero")
            .tap(
                Tap.exact(),
                running ->
                    running
                        .bytes()
                        .doOnNext(
                            chunk -> {
                              crc.update(chunk.nioBuffer());
                              chunk.release();
                            })
                        .doOnComplete(() -> seen.complete(running.seen() + " " + crc.getValue()))
                        .then())
            .pipe(Command.of("gzip", "-1", "-c"))
            .pipe(Command.of("gzip", "-dc"))
            .pipe(Command.of("wc", "-c"));

    assertThat(pipeline.text().block(SOON)).isEqualTo("268435456\n");
    CRC32 expected = new CRC32();
    byte[] zeros = new byte[1 << 20];
    for (int i = 0; i < 256; i++) {
      expected.update(zeros);
    }
    assertThat(seen).succeedsWithin(SOON).isEqualTo("268435456 " + expected.getValue());
  }

  @Test
  void exactWithoutDemand_makesTheChildBeforeItWait() {
    Disposable running =
        Command.of("yes").tap(Tap.exact(), this::neverAsk).pipe(CAT).exit().subscribe();
    Await.until("the observer's pipe is full", () -> tap().passed() >= 4096);
    Await.until("yes waits", () -> Proc.children().containsValue("S yes"));
    assertThat(tap().passed()).isLessThanOrEqualTo(64 * 1024);
    assertThat(tap().missed()).isZero();
    running.dispose();
  }

  @Test
  void lossyWithoutDemand_runsAtFullSpeedAndCounts() {
    Pipeline pipeline =
        Command.of("head", "-c", "64M", "/dev/zero")
            .tap(Tap.lossy(), this::neverAsk)
            .pipe(Command.of("wc", "-c"));

    assertThat(pipeline.text().block(SOON)).isEqualTo("67108864\n");
    assertThat(tap().passed()).isEqualTo(64 << 20);
    assertThat(tap().missed()).isBetween(1L, (64L << 20) - 4096);
    tap().ignore();
  }

  @Test
  void lossySeenAndMissed_areAllThatPassed() {
    AtomicLong told = new AtomicLong();
    CompletableFuture<Void> done = new CompletableFuture<>();
    Pipeline pipeline =
        Command.of("head", "-c", "64M", "/dev/zero")
            .tap(
                Tap.lossy(),
                running -> {
                  tap.set(running);
                  return running
                      .chunks()
                      .limitRate(1)
                      .doOnNext(
                          (TapChunk chunk) -> {
                            told.addAndGet(chunk.missed());
                            chunk.bytes().release();
                          })
                      .doOnComplete(() -> done.complete(null))
                      .then();
                })
            .pipe(Command.of("wc", "-c"));

    assertThat(pipeline.text().block(SOON)).isEqualTo("67108864\n");
    assertThat(done).succeedsWithin(SOON);
    assertThat(tap().seen() + tap().missed()).isEqualTo(64 << 20).isEqualTo(tap().passed());
    assertThat(told.get()).isLessThanOrEqualTo(tap().missed());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void downstreamThatEnds_givesUpstreamSigpipe(boolean exact) {
    PipelineResult result =
        result(
            Command.of("yes")
                .tap(exact ? Tap.exact() : Tap.lossy(), this::drain)
                .pipe(Command.of("head", "-n", "1"))
                .output());

    assertThat(result.stdoutText()).isEqualTo("y\n");
    assertThat(result.stages()).extracting(StageResult::position).containsExactly(0, 1);
    assertThat(result.stages().get(0).status().toString()).contains("SIGPIPE");
  }

  @Test
  void downstreamThatEndsWhileNothingFlows_givesUpstreamSigpipeAtItsNextWrite() {
    PipelineResult result =
        result(
            Command.of("sh", "-c", "echo one; read line; while :; do echo more; done")
                .stdin(Stdin.publisher(whenDownstreamIsGone()))
                .tap(Tap.exact(), this::drain)
                .pipe(Command.of("head", "-n", "1"))
                .output());

    assertThat(result.stdoutText()).isEqualTo("one\n");
    assertThat(result.stages().get(0).status().toString()).contains("SIGPIPE");
  }

  private Mono<ByteBuf> whenDownstreamIsGone() {
    return Mono.fromCallable(
            () -> {
              Await.until("the tap has ended", () -> isOver(tap()));
              return Unpooled.copiedBuffer("go on\n", StandardCharsets.UTF_8);
            })
        .subscribeOn(Schedulers.boundedElastic());
  }

  private static boolean isOver(RunningTap running) {
    return running.end().toFuture().isDone();
  }

  @Test
  void upstreamThatEnds_givesDownstreamEndOfFile() {
    assertThat(
            Command.of("printf", "b\\na\\n")
                .tap(Tap.exact(), this::drain)
                .pipe(Command.of("sort"))
                .text()
                .block(SOON))
        .isEqualTo("a\nb\n");
  }

  @Test
  void observerThatLeaves_letsTheFlowGoOn() {
    assertThat(
            Command.of("head", "-c", "16M", "/dev/zero")
                .tap(
                    Tap.exact(),
                    running -> running.bytes().doOnNext(ByteBuf::release).take(3).then())
                .pipe(Command.of("wc", "-c"))
                .text()
                .block(SOON))
        .isEqualTo("16777216\n");
  }

  @Test
  void observerThatNeverLooks_letsTheFlowGoOn() {
    assertThat(
            Command.of("head", "-c", "16M", "/dev/zero")
                .tap(Tap.exact(), running -> Mono.empty())
                .pipe(Command.of("wc", "-c"))
                .text()
                .block(SOON))
        .isEqualTo("16777216\n");
  }

  @Test
  void observerThatFails_isTheErrorOfThePipeline() {
    Mono<PipelineResult> run =
        Command.of("yes")
            .tap(
                Tap.exact(),
                running ->
                    running
                        .bytes()
                        .doOnNext(ByteBuf::release)
                        .take(2)
                        .then(Mono.error(new IllegalStateException("on purpose"))))
            .pipe(Command.of("cat"))
            .exit();

    assertThatThrownBy(() -> run.block(SOON))
        .hasCauseInstanceOf(PipelineException.class)
        .hasMessageContaining("stage 1 of yes | (tap) | cat")
        .hasRootCauseMessage("on purpose");
  }

  @Test
  void observerFunctionThatThrows_isTheErrorOfThePipeline() {
    Mono<PipelineResult> run =
        Command.of("yes")
            .tap(
                Tap.exact(),
                running -> {
                  throw new IllegalStateException("on purpose");
                })
            .pipe(Command.of("cat"))
            .exit();

    assertThatThrownBy(() -> run.block(SOON)).hasRootCauseMessage("on purpose");
  }

  @Test
  void cancel_endsChildrenTapAndObserver() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Disposable running =
        Command.of("yes")
            .tap(Tap.exact(), live -> drain(live).doOnCancel(() -> cancelled.set(true)))
            .pipe(Command.of("cat"))
            .exit()
            .subscribe();
    Await.until("it flows", () -> tap().passed() > 1_000_000);
    running.dispose();

    Await.until("the observer is cancelled", cancelled::get);
  }

  @Test
  void timeout_endsAFlowThatItsObserverHolds() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Mono<PipelineResult> run =
        Command.of("yes")
            .tap(Tap.exact(), live -> neverAsk(live).doOnCancel(() -> cancelled.set(true)))
            .pipe(CAT)
            .timeout(Duration.ofMillis(300))
            .exit();

    assertThatThrownBy(() -> run.block(SOON)).hasCauseInstanceOf(PipelineException.class);
    assertThat(cancelled).isTrue();
  }

  @Test
  void tapBesideAJobOfSeveral_seesAllOfIt() {
    AtomicLong seen = new AtomicLong();
    Steps echoes = Steps.of(Command.of("echo", "a"), Command.of("echo", "b"));
    Pipeline pipeline =
        Pipeline.of(echoes)
            .tap(Tap.exact(), live -> live.bytes().doOnNext(b -> count(b, seen)).then())
            .pipe(Steps.of(CAT, Command.of("echo", "c")));

    assertThat(pipeline.text().block(SOON)).isEqualTo("a\nb\nc\n");
    Await.until("the observer has seen all", () -> seen.get() == 4);
  }

  @Test
  void severalTaps_eachSeeTheirPlace() {
    AtomicLong before = new AtomicLong();
    AtomicLong behind = new AtomicLong();
    Pipeline pipeline =
        Command.of("seq", "1000")
            .tap(Tap.exact(), live -> live.bytes().doOnNext(b -> count(b, before)).then())
            .pipe(Command.of("grep", "7"))
            .tap(Tap.exact(), live -> live.bytes().doOnNext(b -> count(b, behind)).then())
            .pipe(Command.of("cat"));

    assertThat(pipeline).hasToString("seq 1000 | (tap) | grep 7 | (tap) | cat");
    String text = pipeline.text().block(SOON);
    assertThat(text).isNotNull();
    Await.until("both observers have seen all", () -> before.get() == 3893);
    Await.until("the second, too", () -> behind.get() == text.length());
  }

  private static void count(ByteBuf bytes, AtomicLong sum) {
    sum.addAndGet(bytes.readableBytes());
    bytes.release();
  }

  @Test
  void everyCallThatFails_leavesNothing() {
    FaultyKernel kernel = new FaultyKernel();
    ProcessRuntime runtime =
        new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());
    Pipeline pipeline =
        Command.of("/bin/echo", "x").tap(Tap.exact(), this::drain).pipe(CAT).on(runtime);
    result(pipeline.exit());
    kernel.failAt(-1, Errno.EIO);
    result(pipeline.exit());
    List<String> calls = kernel.calls();
    assertThat(calls).contains("tee", "splice", "pipe");
    for (int i = 0; i < calls.size(); i++) {
      kernel.failAt(i, Errno.ENOMEM);
      pipeline.exit().onErrorComplete().block(SOON);
      assertThat(runtime.liveChildren()).isZero();
    }
  }

  @Test
  void spliceThatFails_isTheErrorThoughNobodyObserves() {
    FaultyKernel kernel = new FaultyKernel();
    ProcessRuntime runtime =
        new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());
    Mono<PipelineResult> run =
        Command.of("yes")
            .tap(Tap.lossy(), running -> Mono.empty())
            .pipe(Command.of("head", "-n", "1000000"))
            .on(runtime)
            .exit();
    kernel.fail("splice", 1, Errno.EIO);

    assertThatThrownBy(() -> run.block(SOON))
        .hasCauseInstanceOf(PipelineException.class)
        .hasStackTraceContaining("splice failed to move bytes");
  }

  @Test
  void tapAtTheEnd_isRefused() {
    Pipeline pipeline = Command.of("echo").tap(Tap.exact(), this::drain);

    assertThatThrownBy(() -> pipeline.exit().block(SOON))
        .isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> pipeline.text().block(SOON))
        .isInstanceOf(InvalidCommandException.class);
  }

  @Test
  void tapNextToAStageInJava_isRefused() {
    Pipeline java = Command.of("echo").pipe(flux -> flux);
    Pipeline tapped = Command.of("echo").tap(Tap.exact(), this::drain);

    assertThatThrownBy(() -> java.tap(Tap.exact(), this::drain))
        .isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> tapped.pipe(flux -> flux)).isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> tapped.tap(Tap.exact(), this::drain))
        .isInstanceOf(InvalidCommandException.class);
  }

  @Test
  void observerOnAnotherThread_pressesBack() {
    AtomicLong seen = new AtomicLong();
    CompletableFuture<Void> done = new CompletableFuture<>();
    Pipeline pipeline =
        Command.of("head", "-c", "8M", "/dev/zero")
            .tap(
                Tap.exact(),
                live ->
                    live.bytes()
                        .map(
                            chunk -> {
                              int size = chunk.readableBytes();
                              chunk.release();
                              return size;
                            })
                        .publishOn(Schedulers.boundedElastic(), 2)
                        .doOnNext(seen::addAndGet)
                        .doOnComplete(() -> done.complete(null))
                        .then())
            .pipe(Command.of("wc", "-c"));

    assertThat(pipeline.text().block(SOON)).isEqualTo("8388608\n");
    assertThat(done).succeedsWithin(SOON);
    assertThat(seen).hasValue(8 << 20);
  }
}
