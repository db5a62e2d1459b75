/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import static io.reactorproc.batch.Gate.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** How far a run is. */
@Timeout(30)
class BatchProgressTest {

  /** Ten items of one second each, two at a time, the last of which fails. */
  private static ParallelRun<Integer, Integer> tenSeconds() {
    return Parallel.running(
            Flux.range(1, 10),
            i ->
                Mono.delay(Duration.ofSeconds(1))
                    .flatMap(t -> i < 10 ? Mono.just(i) : Mono.error(new IllegalStateException())))
        .concurrency(2)
        .total(10)
        .run();
  }

  @Test
  void progress_saysDoneRateAndTimeLeft() {
    Supplier<Flux<BatchProgress>> observed =
        () -> {
          ParallelRun<Integer, Integer> run = tenSeconds();
          return run.progress(Duration.ofMillis(1_500))
              .mergeWith(run.results().then(Mono.<BatchProgress>empty()));
        };

    StepVerifier.withVirtualTime(observed)
        .thenAwait(Duration.ZERO)
        .assertNext(
            start -> {
              assertThat(start.done()).isZero();
              assertThat(start.eta()).isEmpty();
              assertThat(start.rate()).isZero();
            })
        .thenAwait(Duration.ofMillis(1_500))
        .assertNext(
            now -> {
              assertThat(now.done()).isEqualTo(2);
              assertThat(now.running()).isEqualTo(2);
              assertThat(now.elapsed()).isEqualTo(Duration.ofMillis(1_500));
              assertThat(now.rate()).isEqualTo(2 / 1.5);
              assertThat(now.eta()).contains(Duration.ofSeconds(6));
              assertThat(now.fraction()).hasValue(0.2);
              assertThat(now).hasToString("2/10 done, 2 running, 0 failed, 1.3/s, 6 s left");
            })
        .thenAwait(Duration.ofMillis(1_500))
        .assertNext(
            now -> {
              assertThat(now.elapsed()).isEqualTo(Duration.ofSeconds(3));
              assertThat(now.done()).isBetween(4L, 6L);
            })
        .thenAwait(Duration.ofSeconds(2))
        .expectNextCount(1)
        .assertNext(
            end -> {
              assertThat(end.succeeded()).isEqualTo(9);
              assertThat(end.failed()).isEqualTo(1);
              assertThat(end.running()).isZero();
              assertThat(end.elapsed()).isEqualTo(Duration.ofSeconds(5));
              assertThat(end.eta()).contains(Duration.ZERO);
            })
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void totalThatNobodySaid_isKnownWhenTheSourceCompletes() {
    ParallelRun<Integer, Integer> run = Parallel.running(Flux.range(0, 7), Mono::just).run();
    assertThat(run.snapshot().total()).isEmpty();
    run.results().blockLast(SOON);
    assertThat(run.snapshot().total()).isEqualTo(OptionalLong.of(7));
    assertThat(run.snapshot().done()).isEqualTo(7);
  }

  @Test
  void observerWhoAsksForNothing_holdsNobodyUp() {
    ParallelRun<Integer, Integer> run = Parallel.running(Flux.range(0, 1_000), Mono::just).run();
    List<BatchProgress> seen = new ArrayList<>();
    StepVerifier.create(run.progress(Duration.ofMillis(1)).doOnNext(seen::add), 0)
        .then(() -> run.results().blockLast(SOON))
        .thenRequest(1)
        .expectNextMatches(last -> last.done() == 1_000)
        .expectComplete()
        .verify(SOON);
    assertThat(seen).hasSize(1);
  }

  @Test
  void cancelledRun_endsItsProgress() {
    ParallelRun<Integer, Integer> run =
        Parallel.running(Flux.just(1), i -> Mono.<Integer>never()).run();
    StepVerifier.create(run.progress(Duration.ofDays(1)))
        .expectNextCount(1)
        .then(() -> run.results().subscribe().dispose())
        .assertNext(last -> assertThat(last.running()).isZero())
        .expectComplete()
        .verify(SOON);
  }
}
