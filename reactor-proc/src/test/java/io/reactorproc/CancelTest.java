/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ReferenceCountUtil;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A cancelled child is ended and reaped, whenever the cancel comes. */
class CancelTest {
  private final Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void collectDroppedErrors() {
    Hooks.onErrorDropped(dropped::add);
  }

  @AfterEach
  void noErrorWasDropped() {
    Await.until("no child lives", () -> ProcessRuntime.shared().liveChildren() == 0);
    Hooks.resetOnErrorDropped();
    assertThat(dropped).isEmpty();
  }

  static Stream<Publisher<?>> waysToRun() {
    Command noisy = Command.of("sh", "-c", "while echo out && echo err >&2; do :; done");
    return Stream.of(
        noisy.output(),
        noisy.text(),
        noisy.exit(),
        noisy.lines(),
        noisy.bytes().doOnNext(ReferenceCountUtil::release),
        noisy.events(),
        noisy.lineEvents(),
        Flux.usingWhen(
            noisy.start(), RunningProcess::lines, child -> Mono.fromRunnable(child::dispose)));
  }

  @ParameterizedTest
  @MethodSource("waysToRun")
  void cancelAtAnyMoment_leavesNothing(Publisher<?> run) {
    Random moments = new Random(7);

    Flux.range(0, 60)
        .flatMap(
            i ->
                Flux.from(run)
                    .takeUntilOther(Mono.delay(Duration.ofNanos(moments.nextInt(8_000_000))))
                    .then(),
            8)
        .blockLast(Limits.SOON);

    Await.until("all children are reaped", () -> Proc.children().isEmpty());
  }

  @Test
  void takeOne_endsAChildThatWouldNeverEnd() {
    assertThat(Command.of("yes").lines().take(1).collectList().block(Limits.SOON))
        .containsExactly("y");
  }

  @Test
  void linesThatWaitAfterTheEnd_areLetGo() {
    StepVerifier.create(Command.of("seq", "1", "1000").lineEvents(), 2)
        .expectNextCount(2)
        .then(() -> Await.until("the child is reaped", () -> Proc.children().isEmpty()))
        .thenCancel()
        .verify(Limits.SOON);
  }

  @Test
  void cancel_endsTheWholeGroup() {
    AtomicInteger grandchild = new AtomicInteger();

    Command.of("sh", "-c", "sleep 1000 & echo $!; wait")
        .lines()
        .doOnNext(line -> grandchild.set(Integer.parseInt(line)))
        .take(1)
        .blockLast(Limits.SOON);

    Await.until("the grandchild is gone", () -> !Proc.isRunning(grandchild.get()));
  }

  @Test
  void childThatIgnoresSigterm_isKilledAfterThePatience() {
    Command deaf =
        Command.of("sh", "-c", "trap '' TERM HUP PIPE; echo ready; while :; do sleep 1000; done")
            .termination(Termination.graceful(Duration.ofMillis(100)));

    assertThat(deaf.lines().take(1).collectList().block(Limits.SOON)).containsExactly("ready");

    Await.until("the child is gone", () -> Proc.children().isEmpty());
  }

  @Test
  void childThatHonoursSigterm_isNotWaitedForLonger() {
    Termination patient = Termination.graceful(Duration.ofMinutes(5));
    RunningProcess child =
        Command.of("sleep", "1000").termination(patient).start().block(Limits.SOON);
    assertThat(child).isNotNull();

    child.terminate();
    ExitStatus status = child.exit().block(Limits.SOON);

    assertThat(status).isNotNull();
    assertThat(status.toString()).isEqualTo("SIGTERM");
    child.dispose();
  }
}
