/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import static io.reactorproc.batch.Gate.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** What starts when and is delivered when, with items that the test itself ends. */
@Timeout(30)
class CoordinatorTest {
  private final Map<Integer, Sinks.One<String>> items = new TreeMap<>();

  private Parallel<Integer, String> over(Flux<Integer> source) {
    return Parallel.running(
        source,
        i -> {
          Sinks.One<String> end = Sinks.one();
          items.put(i, end);
          return end.asMono();
        });
  }

  private Sinks.One<String> item(int i) {
    return Objects.requireNonNull(items.get(i));
  }

  private void end(int item) {
    item(item).tryEmitValue("v" + item).orThrow();
  }

  private void fail(int item) {
    item(item).tryEmitError(new IllegalStateException("e" + item)).orThrow();
  }

  /** Asks for what the test says and keeps what comes. */
  private static final class Asking extends BaseSubscriber<ItemResult<Integer, String>> {
    final List<Integer> got = new ArrayList<>();

    @Override
    protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {}

    @Override
    protected void hookOnNext(ItemResult<Integer, String> result) {
      got.add(result.argument());
    }
  }

  @Test
  void source_isAskedForWhatRunsAndTheprefetch() {
    AtomicLong asked = new AtomicLong();
    Asking subscriber = new Asking();
    over(Flux.range(0, 1_000).hide().doOnRequest(asked::addAndGet))
        .concurrency(4)
        .prefetch(2)
        .results()
        .subscribe(subscriber);

    assertThat(items).hasSize(4);
    assertThat(asked).hasValue(4 + 2);

    subscriber.request(Long.MAX_VALUE);
    for (int i = 0; i < 50; i++) {
      end(i);
      assertThat(items).hasSize(4 + i + 1);
      assertThat(asked).hasValue(4 + 2 + i + 1);
    }
    subscriber.cancel();
  }

  @Test
  void resultsThatNobodyAsksFor_stopStarts() {
    AtomicLong asked = new AtomicLong();
    Asking subscriber = new Asking();
    over(Flux.range(0, 1_000).hide().doOnRequest(asked::addAndGet))
        .concurrency(4)
        .results()
        .subscribe(subscriber);
    for (int i = 0; i < 4; i++) {
      end(i);
    }

    assertThat(subscriber.got).isEmpty();
    assertThat(items).hasSize(4);
    assertThat(asked).hasValue(4 + 4);

    subscriber.request(1);
    assertThat(subscriber.got).containsExactly(0);
    assertThat(items).hasSize(5);
    subscriber.cancel();
  }

  @Test
  void ordered_startsNoFurtherThanItsWindow() {
    Asking subscriber = new Asking();
    over(Flux.range(0, 1_000)).concurrency(2).ordered(5).results().subscribe(subscriber);
    subscriber.request(Long.MAX_VALUE);
    for (int i = 1; i < 5; i++) {
      end(i);
    }

    assertThat(items).hasSize(5);
    assertThat(subscriber.got).isEmpty();

    end(0);
    assertThat(subscriber.got).containsExactly(0, 1, 2, 3, 4);
    assertThat(items).hasSize(7);
    subscriber.cancel();
  }

  @Test
  void endRunning_deliversWhatHadSucceededAndThenTheError() {
    StepVerifier.create(
            over(Flux.range(0, 10))
                .concurrency(3)
                .onFailure(OnFailure.END_RUNNING)
                .ordered()
                .results())
        .then(() -> end(1))
        .then(() -> fail(2))
        .assertNext(result -> assertThat(result.argument()).isEqualTo(1))
        .expectErrorMessage("item 2 (2): java.lang.IllegalStateException: e2")
        .verify(SOON);
    assertThat(item(0).currentSubscriberCount()).isZero();
    assertThat(item(3).currentSubscriberCount()).isZero();
  }

  @Test
  void finishRunning_namesTheFirstFailureAndKeepsTheOthers() {
    StepVerifier.create(
            over(Flux.range(0, 10)).concurrency(3).onFailure(OnFailure.FINISH_RUNNING).results())
        .then(() -> fail(2))
        .then(() -> fail(0))
        .then(() -> end(1))
        .assertNext(result -> assertThat(result.argument()).isEqualTo(1))
        .expectErrorSatisfies(
            error -> {
              assertThat(((ItemFailedException) error).item().argument()).isEqualTo(2);
              assertThat(error.getSuppressed()).extracting(Throwable::getMessage).contains("e0");
            })
        .verify(SOON);
    assertThat(items).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(
      value = OnFailure.class,
      names = {"FINISH_RUNNING", "END_RUNNING"})
  void afterAFailure_theSourceIsCancelled(OnFailure meaning) {
    TestPublisher<Integer> source = TestPublisher.create();
    StepVerifier.create(over(source.flux()).concurrency(1).onFailure(meaning).results())
        .then(() -> source.next(0))
        .then(() -> fail(0))
        .expectError(ItemFailedException.class)
        .verify(SOON);
    source.assertCancelled();
  }

  @Test
  void errorOfTheSource_comesWhenItsItemsAreDone() {
    TestPublisher<Integer> source = TestPublisher.create();
    StepVerifier.create(over(source.flux()).concurrency(1).results())
        .then(() -> source.next(0, 1).error(new IllegalStateException("source")))
        .then(() -> end(0))
        .expectNextCount(1)
        .then(() -> end(1))
        .expectNextCount(1)
        .expectErrorMessage("source")
        .verify(SOON);
  }

  @Test
  void emptySource_completes() {
    StepVerifier.create(over(Flux.empty()).results()).expectComplete().verify(SOON);
  }

  @Test
  void functionThatThrows_isTheErrorOfItsItem() {
    StepVerifier.create(
            Parallel.<Integer, String>running(
                    Flux.range(0, 2),
                    i -> {
                      if (i == 0) {
                        throw new IllegalStateException("thrown");
                      }
                      return Mono.empty();
                    })
                .ordered()
                .results())
        .assertNext(
            result ->
                assertThat(result.error()).get().hasFieldOrPropertyWithValue("message", "thrown"))
        .assertNext(
            result -> {
              assertThat(result.isSuccess()).isTrue();
              assertThat(result.value()).isEmpty();
            })
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void timeoutOfAnyItem_cancelsIt() {
    StepVerifier.withVirtualTime(() -> over(Flux.just(0)).timeout(Duration.ofSeconds(5)).results())
        .thenAwait(Duration.ofSeconds(5))
        .assertNext(result -> assertThat(result.error()).get().isInstanceOf(TimeoutException.class))
        .expectComplete()
        .verify(SOON);
    assertThat(item(0).currentSubscriberCount()).isZero();
  }

  @Test
  void cancel_cancelsTheSourceAndWhatRuns() {
    TestPublisher<Integer> source = TestPublisher.create();
    Asking subscriber = new Asking();
    over(source.flux()).concurrency(1).results().subscribe(subscriber);
    source.next(0, 1);

    subscriber.cancel();

    source.assertCancelled();
    assertThat(item(0).currentSubscriberCount()).isZero();
    assertThat(items).hasSize(1);
  }

  @Test
  void itemsThatEndAtOnce_needNoStack() {
    StepVerifier.create(
            Parallel.running(Flux.range(0, 100_000), Mono::just).concurrency(3).results().count())
        .expectNext(100_000L)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void secondSubscriberOfARun_isRefused() {
    ParallelRun<Integer, String> run = over(Flux.empty()).run();
    StepVerifier.create(run.results()).expectComplete().verify(SOON);
    StepVerifier.create(run.results()).expectError(IllegalStateException.class).verify(SOON);
  }
}
