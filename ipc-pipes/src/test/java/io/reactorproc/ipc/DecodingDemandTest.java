/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class DecodingDemandTest {

  private static final int MANY = 1_000_000;

  private final List<Long> upstreamRequests = new ArrayList<>();

  private Flux<String> lines(Flux<ByteBuf> chunks) {
    return Records.lines().decodeText(chunks.doOnRequest(upstreamRequests::add));
  }

  @Test
  void noDemand_asksForNothing() {
    StepVerifier.create(lines(Chunks.of().flux().concatWith(Flux.never())), 0)
        .expectSubscription()
        .thenCancel()
        .verify();
    assertThat(upstreamRequests).isEmpty();
  }

  @Test
  void demandMetByTheChunkAtHand_asksForNoOther() {
    Chunks chunks = Chunks.of("a\nb\nc\nd", "e\n");
    StepVerifier.create(lines(chunks.flux()), 1)
        .expectNext("a")
        .then(() -> assertThat(upstreamRequests).containsExactly(1L))
        .thenRequest(2)
        .expectNext("b", "c")
        .then(() -> assertThat(upstreamRequests).containsExactly(1L))
        .thenRequest(1)
        .expectNext("de")
        .then(() -> assertThat(upstreamRequests).containsExactly(1L, 1L))
        .thenRequest(1)
        .verifyComplete();
    chunks.assertReleased();
  }

  @Test
  void recordOverManyChunks_asksForOneAtATime() {
    Chunks chunks = Chunks.of("a", "b", "c\n", "d\n");
    StepVerifier.create(lines(chunks.flux()), 1)
        .expectNext("abc")
        .then(() -> assertThat(upstreamRequests).containsExactly(1L, 1L, 1L))
        .thenCancel()
        .verify();
    chunks.assertReleased();
  }

  @Test
  void unboundedDemand_isPassedOnOnce() {
    StepVerifier.create(lines(Chunks.of("a\n", "b\n", "c\n").flux()))
        .expectNext("a", "b", "c")
        .verifyComplete();
    assertThat(upstreamRequests).containsExactly(Long.MAX_VALUE);
  }

  @Test
  void boundedThenUnboundedDemand_isPassedOn() {
    StepVerifier.create(lines(Chunks.of("a\nb\n", "c\n").flux()), 1)
        .expectNext("a")
        .thenRequest(Long.MAX_VALUE)
        .expectNext("b", "c")
        .verifyComplete();
    assertThat(upstreamRequests).containsExactly(1L, Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unboundedDemand_doesNotPileUpChunks(boolean requestedWhileDelivering) {
    AtomicInteger ahead = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Flux<ByteBuf> chunks =
        Flux.range(0, 1000)
            .map(i -> Unpooled.copiedBuffer(Chunks.utf8("x\n")))
            .doOnNext(chunk -> most.accumulateAndGet(ahead.incrementAndGet(), Math::max));
    Records.lines()
        .decodeText(chunks)
        .subscribe(
            new BaseSubscriber<>() {
              @Override
              protected void hookOnSubscribe(Subscription subscription) {
                request(requestedWhileDelivering ? 1 : Long.MAX_VALUE);
              }

              @Override
              protected void hookOnNext(String line) {
                ahead.decrementAndGet();
                requestUnbounded();
              }
            });
    assertThat(ahead).hasValue(0);
    assertThat(most).hasValueLessThanOrEqualTo(2);
  }

  @Test
  void completion_needsNoDemand() {
    StepVerifier.create(lines(Chunks.of("a\n").flux()), 1).expectNext("a").verifyComplete();
    StepVerifier.create(lines(Flux.empty()), 0).verifyComplete();
  }

  @Test
  void unterminatedRecord_waitsForDemand() {
    StepVerifier.create(lines(Chunks.of("a\nb").flux()), 1)
        .expectNext("a")
        .thenRequest(1)
        .expectNext("b")
        .verifyComplete();
  }

  @Test
  void upstreamError_followsTheRecordsComplete_andDropsTheRest() {
    Chunks chunks = Chunks.of("a\nb\nc");
    StepVerifier.create(
            lines(chunks.flux().concatWith(Flux.error(new IllegalStateException("broken")))), 1)
        .expectNext("a")
        .thenRequest(1)
        .expectNext("b")
        .thenRequest(1)
        .verifyErrorMessage("broken");
    chunks.assertReleased();
  }

  @Test
  void upstreamError_waitsBehindRecordsNotYetWanted() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    ByteBuf chunk = Unpooled.copiedBuffer(Chunks.utf8("a\nb\n"));
    StepVerifier.create(Records.lines().decodeText(source), 1)
        .then(() -> source.next(chunk).error(new IllegalStateException("broken")))
        .expectNext("a")
        .thenRequest(1)
        .expectNext("b")
        .verifyErrorMessage("broken");
    assertThat(chunk.refCnt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void demandThatIsNotPositive_isAnError(long n) {
    Chunks chunks = Chunks.of("a\nb\nc\n");
    List<Throwable> errors = new ArrayList<>();
    Records.lines()
        .decodeText(chunks.flux())
        .subscribe(
            new CoreSubscriber<>() {
              private int signals;

              @Override
              public void onSubscribe(Subscription subscription) {
                subscription.request(1);
                subscription.request(n);
                subscription.request(1);
              }

              @Override
              public void onNext(String line) {
                assertThat(++signals).isEqualTo(1);
              }

              @Override
              public void onError(Throwable error) {
                errors.add(error);
              }

              @Override
              public void onComplete() {}
            });
    assertThat(errors).hasSize(1).first().isInstanceOf(IllegalArgumentException.class);
    chunks.assertReleased();
  }

  @Test
  void oneByOneFromWithinOnNext_doesNotGrowTheStack_inOneChunk() {
    Chunks chunks = Chunks.of("x\n".repeat(MANY));
    assertThat(countOneByOne(Records.lines().decodeText(chunks.flux()))).isEqualTo(MANY);
    chunks.assertReleased();
  }

  @Test
  void oneByOneFromWithinOnNext_doesNotGrowTheStack_inAChunkEach() {
    byte[] line = {'x', '\n'};
    Flux<ByteBuf> chunks = Flux.range(0, MANY).map(i -> Unpooled.wrappedBuffer(line));
    assertThat(countOneByOne(Records.lines().decodeText(chunks))).isEqualTo(MANY);
  }

  @Test
  void manyChunksWithoutARecord_doNotGrowTheStack() {
    byte[] dot = {'.'};
    Flux<ByteBuf> chunks = Flux.range(0, MANY).map(i -> Unpooled.wrappedBuffer(dot));
    assertThat(countOneByOne(Records.lines().decodeText(chunks))).isEqualTo(1);
  }

  @Test
  void context_reachesTheChunks() {
    Flux<ByteBuf> chunks =
        Flux.deferContextual(
            context -> Flux.just(Unpooled.copiedBuffer(Chunks.utf8(context.get("name")))));
    StepVerifier.create(
            Records.lines().decodeText(chunks).contextWrite(context -> context.put("name", "n1")))
        .expectNext("n1")
        .verifyComplete();
  }

  private static int countOneByOne(Flux<String> lines) {
    AtomicInteger count = new AtomicInteger();
    lines.subscribe(
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {
            request(1);
          }

          @Override
          protected void hookOnNext(String line) {
            count.incrementAndGet();
            request(1);
          }
        });
    return count.get();
  }
}
