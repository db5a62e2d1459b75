/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.FanOut.WhenFull;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.publisher.TestPublisher;

/** One byte stream for several targets. */
@Timeout(60)
final class FanOutTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static ByteBuf buffer(String text) {
    return Unpooled.copiedBuffer(text, UTF_8);
  }

  /** A target whose demand the test has in its hands. */
  private static final class Probed implements FanOut.Target {
    final ByteProbe probe;
    final Sinks.Empty<Void> done = Sinks.empty();
    final List<Long> gaps = new CopyOnWriteArrayList<>();

    Probed(ByteProbe probe) {
      this.probe = probe;
    }

    static Probed idle() {
      return new Probed(new ByteProbe());
    }

    static Probed eager() {
      return new Probed(ByteProbe.unbounded());
    }

    @Override
    public Publisher<Void> consume(FanOutBranch branch) {
      branch
          .chunks()
          .doOnNext(chunk -> gaps.add(chunk.missed()))
          .map(TapChunk::bytes)
          .doOnComplete(done::tryEmitEmpty)
          .doOnError(done::tryEmitError)
          .doOnCancel(done::tryEmitEmpty)
          .subscribe(probe);
      return done.asMono();
    }
  }

  private static CompletableFuture<FanOutResult> connect(
      FanOut policy, Publisher<ByteBuf> source, FanOut.Target... targets) {
    return policy.connect(source, targets).toFuture();
  }

  private static FanOutResult join(CompletableFuture<FanOutResult> result) {
    assertThat(result).succeedsWithin(SOON);
    return result.join();
  }

  @Test
  void everyTargetGetsEveryByte() {
    Chunks chunks = Chunks.random("some text\n".repeat(5_000).getBytes(UTF_8), 900, new Random(7));
    Probed a = Probed.eager();
    Probed b = Probed.eager();
    FanOutResult result = join(connect(FanOut.slowest(), chunks.flux(), a, b));

    assertThat(a.probe.bytes()).isEqualTo(b.probe.bytes()).hasSize(50_000);
    assertThat(result.targets())
        .containsExactly(
            new FanOutResult.Delivery(50_000, 0, null), new FanOutResult.Delivery(50_000, 0, null));
    chunks.assertReleased();
  }

  @Test
  void slowest_keepsStepWithTheTargetThatHasNoDemand() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed eager = Probed.eager();
    Probed idle = Probed.idle();
    CompletableFuture<FanOutResult> result = connect(FanOut.slowest(), source, eager, idle);
    source.assertWasNotRequested();
    idle.probe.request(1);
    source.assertMinRequested(1);
    source.next(buffer("x"));
    assertThat(eager.probe.text()).isEqualTo("x");
    assertThat(idle.probe.text()).isEqualTo("x");
    source.assertMaxRequested(1);
    source.complete();

    assertThat(join(result).targets()).hasSize(2);
  }

  @Test
  void fastest_countsAndTellsWhatTheSlowOneLost() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed eager = Probed.eager();
    Probed slow = Probed.idle();
    CompletableFuture<FanOutResult> result = connect(FanOut.fastest(), source, eager, slow);
    source.next(buffer("one"));
    source.next(buffer("four"));
    slow.probe.request(1);
    source.next(buffer("x"));
    source.next(buffer("lost"));
    source.complete();

    assertThat(join(result).targets())
        .containsExactly(
            new FanOutResult.Delivery(12, 0, null), new FanOutResult.Delivery(1, 11, null));
    assertThat(slow.probe.text()).isEqualTo("x");
    assertThat(slow.gaps).containsExactly(7L);
  }

  @Test
  void fastest_waitsWhileNobodyHasRoom() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed a = Probed.idle();
    Probed b = Probed.idle();
    CompletableFuture<FanOutResult> result = connect(FanOut.fastest(), source, a, b);
    source.assertWasNotRequested();
    a.probe.request(1);
    source.assertMinRequested(1);
    source.complete();
    join(result);
  }

  @Test
  void bufferedThenWait_letsTargetsBeApartByTheCapacity() {
    Probed eager = Probed.eager();
    Probed idle = Probed.idle();
    Flux<ByteBuf> source = Flux.range(0, 100).map(i -> buffer("0123456789"));
    CompletableFuture<FanOutResult> result =
        connect(FanOut.buffered(200, WhenFull.WAIT), source, eager, idle);

    assertThat(eager.probe.bytes()).hasSize(200);
    idle.probe.request(5);
    assertThat(eager.probe.bytes()).hasSize(250);
    idle.probe.request(Long.MAX_VALUE);
    assertThat(join(result).targets().get(1).delivered()).isEqualTo(1_000);
  }

  @Test
  void bufferedThenDrop_losesWhatIsBeyondTheCapacity() {
    Probed eager = Probed.eager();
    Probed idle = Probed.idle();
    Flux<ByteBuf> source = Flux.range(0, 100).map(i -> buffer("0123456789"));
    CompletableFuture<FanOutResult> result =
        connect(FanOut.buffered(200, WhenFull.DROP), source, eager, idle);

    assertThat(eager.probe.awaitComplete().bytes()).hasSize(1_000);
    idle.probe.request(Long.MAX_VALUE);
    assertThat(join(result).targets().get(1)).isEqualTo(new FanOutResult.Delivery(200, 800, null));
  }

  @Test
  void bufferedThenFail_endsTheSlowOneAfterItsBufferAndNotTheOthers() {
    Probed eager = Probed.eager();
    Probed idle = Probed.idle();
    Flux<ByteBuf> source = Flux.range(0, 100).map(i -> buffer("0123456789"));
    CompletableFuture<FanOutResult> result =
        connect(FanOut.buffered(200, WhenFull.FAIL), source, eager, idle);

    assertThat(eager.probe.awaitComplete().bytes()).hasSize(1_000);
    idle.probe.request(Long.MAX_VALUE);
    assertThat(idle.probe.awaitError()).isInstanceOf(FanOutOverflowException.class);
    assertThat(idle.probe.bytes()).hasSize(200);
    assertThat(join(result).targets().get(1).failure()).isInstanceOf(FanOutOverflowException.class);
  }

  @Test
  void nobodyMissesTheBeginning_whenATargetSubscribesLate() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed eager = Probed.eager();
    Sinks.One<FanOutBranch> late = Sinks.one();
    Probed lateOne = Probed.eager();
    CompletableFuture<FanOutResult> result =
        connect(
            FanOut.fastest(),
            source,
            eager,
            branch -> {
              late.tryEmitValue(branch);
              return lateOne.done.asMono();
            });
    source.assertWasNotRequested();
    FanOutBranch branch = late.asMono().block(SOON);
    assertThat(branch).isNotNull();
    lateOne.consume(branch);
    source.assertMinRequested(1);
    source.next(buffer("first"));
    source.complete();

    join(result);
    assertThat(lateOne.probe.text()).isEqualTo("first");
  }

  @Test
  void aTargetThatCancels_doesNotHurtTheOthers() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed eager = Probed.eager();
    Probed leaving = Probed.eager();
    CompletableFuture<FanOutResult> result = connect(FanOut.slowest(), source, eager, leaving);
    source.next(buffer("a"));
    leaving.probe.cancel();
    source.next(buffer("b"));
    source.complete();

    assertThat(join(result).targets())
        .containsExactly(
            new FanOutResult.Delivery(2, 0, null), new FanOutResult.Delivery(1, 0, null));
  }

  @Test
  void aTargetThatFails_isInTheResult() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed eager = Probed.eager();
    CompletableFuture<FanOutResult> result =
        connect(
            FanOut.slowest(),
            source,
            eager,
            branch -> Mono.error(new IllegalStateException("on purpose")));
    source.next(buffer("a"));
    source.complete();

    assertThat(join(result).targets().get(1).failure()).hasMessage("on purpose");
    assertThat(eager.probe.text()).isEqualTo("a");
  }

  @Test
  void aTargetThatThrows_isInTheResult() {
    Probed eager = Probed.eager();
    CompletableFuture<FanOutResult> result =
        connect(
            FanOut.slowest(),
            Flux.just(buffer("a")),
            eager,
            branch -> {
              throw new IllegalStateException("on purpose");
            });

    assertThat(join(result).targets().get(1).failure()).hasMessage("on purpose");
    assertThat(eager.probe.text()).isEqualTo("a");
  }

  @Test
  void failTogether_endsAllWithTheFailure() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Sinks.Empty<Void> failing = Sinks.empty();
    Probed eager = Probed.eager();
    CompletableFuture<FanOutResult> result =
        connect(
            FanOut.slowest().failTogether(),
            source,
            eager,
            branch ->
                branch
                    .bytes()
                    .doOnNext(ByteBuf::release)
                    .mergeWith(failing.asMono().cast(ByteBuf.class))
                    .then());
    source.next(buffer("a"));
    failing.tryEmitError(new IllegalStateException("on purpose"));

    assertThat(result).failsWithin(SOON);
    source.assertCancelled();
    assertThat(eager.probe.isOver()).as("cancelled by the end of its target").isFalse();
  }

  @Test
  void whenAllTargetsAreGone_theSourceIsCancelled() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed a = Probed.eager();
    Probed b = Probed.eager();
    CompletableFuture<FanOutResult> result = connect(FanOut.slowest(), source, a, b);
    a.probe.cancel();
    source.assertNotCancelled();
    b.probe.cancel();

    join(result);
    source.assertCancelled();
  }

  @Test
  void theErrorOfTheSource_reachesEveryTargetAndTheCaller() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed a = Probed.eager();
    Probed idle = Probed.idle();
    CompletableFuture<FanOutResult> result =
        connect(FanOut.buffered(10, WhenFull.WAIT), source, a, idle);
    source.next(buffer("x"));
    source.error(new IllegalStateException("on purpose"));
    assertThat(a.probe.awaitError()).hasMessage("on purpose");
    assertThat(result).isNotDone();
    idle.probe.request(1);

    assertThat(idle.probe.awaitError()).hasMessage("on purpose");
    assertThat(idle.probe.text()).isEqualTo("x");
    assertThatThrownBy(result::join).hasRootCauseMessage("on purpose");
  }

  @Test
  void cancel_cancelsSourceAndTargetsAndReleasesWhatWaits() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    Probed idle = Probed.idle();
    Disposable running =
        FanOut.buffered(100, WhenFull.WAIT).connect(source, idle, Probed.eager()).subscribe();
    ByteBuf waiting = buffer("x");
    source.next(waiting);
    assertThat(waiting.refCnt()).isEqualTo(1);
    running.dispose();

    source.assertCancelled();
    assertThat(waiting.refCnt()).isZero();
  }

  @Test
  void randomCancels_releaseEveryBuffer() {
    List<WhenFull> policies = List.of(WhenFull.WAIT, WhenFull.DROP, WhenFull.FAIL);
    for (int round = 0; round < 200; round++) {
      Chunks chunks = Chunks.sized("a line\nand another\n".repeat(200).getBytes(UTF_8), 37);
      List<FanOut.Target> targets = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int leaveAfter = ThreadLocalRandom.current().nextInt(200);
        targets.add(
            branch ->
                branch
                    .bytes()
                    .doOnNext(ByteBuf::release)
                    .limitRate(1 + ThreadLocalRandom.current().nextInt(4))
                    .take(leaveAfter)
                    .then());
      }
      WhenFull whenFull = policies.get(round % policies.size());
      CompletableFuture<FanOutResult> result =
          FanOut.buffered(round % 2 * 200, whenFull)
              .connect(chunks.flux().subscribeOn(Schedulers.parallel()), targets)
              .toFuture();
      if (round % 4 == 0) {
        result.cancel(true);
      } else {
        join(result);
      }
      Await.until("every buffer is released", () -> released(chunks));
    }
  }

  private static boolean released(Chunks chunks) {
    try {
      chunks.assertReleased();
      return true;
    } catch (AssertionError held) {
      return false;
    }
  }

  @Test
  void aSecondSubscriberOfABranch_isRefused() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    ByteProbe second = ByteProbe.unbounded();
    CompletableFuture<FanOutResult> result =
        connect(
            FanOut.slowest(),
            source,
            branch -> {
              Mono<Void> first = branch.bytes().doOnNext(ByteBuf::release).then();
              return first.doOnSubscribe(subscription -> branch.bytes().subscribe(second));
            });
    source.complete();
    assertThat(second.isOver() || !result.isDone()).isTrue();
    join(result);
  }

  @Test
  void noTargets_areRefused() {
    assertThatThrownBy(() -> FanOut.slowest().connect(Flux.empty(), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
