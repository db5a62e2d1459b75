/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.batch.Parallel;
import io.reactorproc.ipc.FanIn;
import io.reactorproc.ipc.FanOut;
import io.reactorproc.ipc.Tap;
import io.reactorproc.shell.Shell;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Thousands of cancels at any moment, of everything that is made of several children. The leak
 * check behind each test is the assertion; a machine that is busy finds more.
 */
@Tag("soak")
class CancelSoakTest {
  private static final int AT_ONCE = 6;
  private static final Duration MOST = Duration.ofMinutes(5);
  private static final Command CAT = Command.of("cat");
  private static final Command FALSE = Command.of("false");
  private static final Command SEQ = Command.of("seq", "1", "5000");
  private static final Command ZEROS = Command.of("head", "-c", "300000", "/dev/zero");

  private final Random moments = new Random();

  /** Runs it so often, and cancels each within that time, if it has not ended before. */
  private void cancelAtAnyMoment(int times, Duration within, IntFunction<Publisher<?>> run) {
    Flux.range(0, times)
        .flatMap(
            i ->
                Flux.from(run.apply(i))
                    .onErrorComplete(ProcessExitException.class)
                    .takeUntilOther(Mono.delay(moment(within)))
                    .then(),
            AT_ONCE)
        .blockLast(MOST);
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  private Duration moment(Duration within) {
    return Duration.ofNanos(moments.nextInt((int) within.toNanos()));
  }

  private static Mono<Void> drained(Flux<ByteBuf> bytes) {
    return bytes.doOnNext(ByteBuf::release).then();
  }

  @Test
  void sequences() {
    Sequence sequence =
        Command.of("echo", "a")
            .then(Command.of("yes").pipe(Command.of("head", "-n", "1000")))
            .andThen(CAT.then(FALSE).stdin(Stdin.texts(Flux.just("x", "y"))))
            .orElse(Command.of("sleep", "1000"));

    cancelAtAnyMoment(2000, Duration.ofMillis(15), i -> sequence.lines());
    cancelAtAnyMoment(2000, Duration.ofMillis(15), i -> sequence.pipe(CAT).lines());
    cancelAtAnyMoment(2000, Duration.ofMillis(15), i -> sequence.output());
  }

  @Test
  void taps() {
    cancelAtAnyMoment(
        4000,
        Duration.ofMillis(15),
        i ->
            ZEROS
                .tap(i % 2 == 0 ? Tap.exact() : Tap.lossy(), live -> drained(live.bytes()))
                .pipe(CAT)
                .pipe(Command.of("wc", "-c"))
                .text());
  }

  @Test
  void stagesInJava() {
    cancelAtAnyMoment(
        4000,
        Duration.ofMillis(12),
        i ->
            SEQ.pipe(CAT)
                .pipe(
                    bytes ->
                        bytes.map(
                            chunk -> {
                              chunk.release();
                              return Unpooled.wrappedBuffer(new byte[10]);
                            }))
                .pipe(Command.of("wc", "-c"))
                .text());
  }

  @Test
  void fanOuts() {
    cancelAtAnyMoment(
        2000,
        Duration.ofMillis(20),
        i ->
            (i % 2 == 0 ? FanOut.slowest() : FanOut.fastest())
                .connect(
                    ZEROS.bytes(),
                    branch -> CAT.stdin(Stdin.publisher(branch.bytes())).exit().then(),
                    branch -> drained(branch.bytes())));
  }

  @Test
  void fanIns() {
    cancelAtAnyMoment(
        2000,
        Duration.ofMillis(20),
        i -> CAT.stdin(Stdin.publisher(FanIn.of(SEQ.bytes(), SEQ.bytes()).byLine())).lines());
  }

  @Test
  void scripts() {
    cancelAtAnyMoment(
        3000,
        Duration.ofMillis(20),
        i ->
            Shell.sh(
                    "{ echo a; seq 1 3000; } | cat | { cat; echo b >&2; } | sort > /dev/null"
                        + " && echo x || echo y; cat < {}",
                    Stdin.text("z"))
                .output());
  }

  @Test
  void batches() {
    cancelAtAnyMoment(
        400,
        Duration.ofMillis(60),
        i ->
            Parallel.of(Flux.range(0, 20), n -> n % 5 == 4 ? FALSE : Command.of("echo", "" + n))
                .concurrency(4)
                .ordered()
                .results());
  }
}
