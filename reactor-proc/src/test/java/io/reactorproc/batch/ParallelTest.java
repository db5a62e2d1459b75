/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import static io.reactorproc.batch.Gate.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.Command;
import io.reactorproc.ProcessExitException;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ProcessResult;
import io.reactorproc.ProcessRuntime;
import io.reactorproc.ProcessStartException;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** Many children at once. */
@Timeout(60)
class ParallelTest {

  @Test
  void everyArgument_givesOneResult() {
    List<String> texts =
        Parallel.of(Flux.range(0, 50), "echo", "{}")
            .results()
            .map(result -> result.value().orElseThrow().stdoutText().strip())
            .collectList()
            .block(SOON);

    assertThat(texts)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 50).mapToObj(Integer::toString).toList());
  }

  @Test
  void placeInAWord_isFilledWithWhateverTheArgumentIs() {
    assertThat(stdoutOf(Parallel.of(Flux.just("a b;$(c)'"), "printf", "%s|", "<{}>{}", "{}")))
        .containsExactly("<a b;$(c)'>a b;$(c)'|a b;$(c)'|");
  }

  @Test
  void templateWithoutAPlace_getsTheArgumentAsItsLast() {
    assertThat(stdoutOf(Parallel.of(Flux.just("x y"), "printf", "%s|", "first")))
        .containsExactly("first|x y|");
  }

  private static List<String> stdoutOf(Parallel<?, ProcessResult> parallel) {
    return parallel
        .ordered()
        .results()
        .map(result -> result.value().orElseThrow().stdoutText())
        .collectList()
        .blockOptional(SOON)
        .orElseThrow();
  }

  @Test
  void asCompleted_anItemThatWaitsHoldsNobodyUp(@TempDir Path directory) throws IOException {
    try (Gate gate = new Gate(directory)) {
      StepVerifier.create(firstWaits(gate).results().map(ItemResult::index))
          .expectNextCount(4)
          .then(() -> pass(gate))
          .expectNext(0L)
          .expectComplete()
          .verify(SOON);
    }
  }

  @Test
  void ordered_resultsWaitForTheFirst(@TempDir Path directory) throws IOException {
    try (Gate gate = new Gate(directory)) {
      ParallelRun<Integer, ProcessResult> run = firstWaits(gate).ordered().run();
      StepVerifier.create(run.results().map(ItemResult::index))
          .then(() -> Await.until("the others have ended", () -> run.snapshot().done() == 4))
          .then(() -> pass(gate))
          .expectNext(0L, 1L, 2L, 3L, 4L)
          .expectComplete()
          .verify(SOON);
    }
  }

  private static Parallel<Integer, ProcessResult> firstWaits(Gate gate) {
    return Parallel.of(Flux.range(0, 5), i -> i == 0 ? gate.waiting("", i) : Command.of("true"))
        .concurrency(2);
  }

  private static void pass(Gate gate) {
    try {
      gate.letOnePass();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void concurrency_isReachedAndNeverExceeded(@TempDir Path directory) throws IOException {
    try (Gate gate = new Gate(directory)) {
      AtomicInteger delivered = new AtomicInteger();
      ParallelRun<Integer, ProcessResult> run =
          Parallel.of(Flux.range(0, 9), i -> gate.waiting("", i)).concurrency(3).run();
      Disposable running = run.results().subscribe(result -> delivered.incrementAndGet());

      for (int i = 0; i < 3; i++) {
        gate.awaitArrival();
      }
      // Three have met here, so they run at once; and no fourth does before one has left.
      for (int left = 0; left < 9; left++) {
        assertThat(gate.isAnybodyThere()).isFalse();
        assertThat(run.snapshot().running()).isEqualTo(Math.min(3, 9 - left));
        gate.letOnePass();
        int gone = left + 1;
        Await.until("an item ended", () -> delivered.get() == gone);
        if (left < 6) {
          gate.awaitArrival();
        }
      }
      Await.until("the run is over", running::isDisposed);
    }
  }

  @Test
  void exitCodeToRetry_isRunUntilItSucceeds(@TempDir Path directory) {
    Path count = directory.resolve("count");
    ParallelRun<String, ProcessResult> run =
        Parallel.of(
                Flux.just(count.toString()),
                file -> script("echo x >> \"$1\"; [ $(wc -l < \"$1\") = 3 ] || exit 75", file))
            .retry(times(5, Failures.exitCode(74, 75)))
            .run();

    StepVerifier.create(run.results())
        .assertNext(
            result -> {
              assertThat(result.isSuccess()).isTrue();
              assertThat(result.attempts()).isEqualTo(3);
            })
        .expectComplete()
        .verify(SOON);
    assertThat(run.snapshot().retried()).isEqualTo(2);
    assertThat(run.snapshot().succeeded()).isEqualTo(1);
    assertThat(run.snapshot().failed()).isZero();
  }

  @Test
  void signalToRetry_isRunAgain(@TempDir Path directory) {
    Path mark = directory.resolve("mark");
    StepVerifier.create(
            Parallel.of(
                    Flux.just(mark.toString()),
                    file -> script("[ -e \"$1\" ] || { : > \"$1\"; kill -KILL $$; }", file))
                .retry(times(5, Failures.signal(Signal.SIGKILL)))
                .results())
        .assertNext(result -> assertThat(result.attempts()).isEqualTo(2))
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void otherFailure_isNotRetried() {
    StepVerifier.create(
            Parallel.of(Flux.just("1"), code -> script("exit $1", code))
                .retry(times(5, Failures.exitCode(75).or(Failures.signal())))
                .results())
        .assertNext(
            result -> {
              assertThat(result.attempts()).isEqualTo(1);
              assertThat(error(result, ProcessExitException.class).status().is(1)).isTrue();
            })
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void retriesUsedUp_giveTheErrorOfTheLastAttempt() {
    StepVerifier.create(
            Parallel.of(Flux.just("75"), code -> script("exit $1", code))
                .retry(times(2, Failures.exitCode(75)))
                .results())
        .assertNext(
            result -> {
              assertThat(result.attempts()).isEqualTo(3);
              assertThat(error(result, ProcessExitException.class).status().is(75)).isTrue();
            })
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void timeout_endsTheItemThatTakesTooLong() {
    StepVerifier.create(
            Parallel.of(Flux.just("1000", "0"), "sleep")
                .concurrency(2)
                .timeout(Duration.ofSeconds(3))
                .ordered()
                .results())
        .assertNext(
            result -> {
              ProcessExitException exit = error(result, ProcessExitException.class);
              assertThat(exit.reason()).isEqualTo(Reason.TIMEOUT);
              assertThat(exit.status().signal()).contains(Signal.SIGTERM);
              assertThat(Failures.timeout()).accepts(exit);
              assertThat(Failures.signal()).rejects(exit);
            })
        .assertNext(result -> assertThat(result.isSuccess()).isTrue())
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void failures_areCollected() {
    StepVerifier.create(
            Parallel.of(Flux.just(0, 3, 0, 4), code -> script("exit $1", code)).ordered().results())
        .expectNextMatches(ItemResult::isSuccess)
        .expectNextMatches(result -> !result.isSuccess() && result.argument() == 3)
        .expectNextMatches(ItemResult::isSuccess)
        .expectNextMatches(result -> !result.isSuccess() && result.argument() == 4)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void programThatIsNotThere_isTheErrorOfItsItem() {
    StepVerifier.create(
            Parallel.of(Flux.just("true", "no-such-program"), Command::of).ordered().results())
        .expectNextMatches(ItemResult::isSuccess)
        .assertNext(
            result -> {
              error(result, ProcessStartException.class);
              assertThat(Failures.start(ProcessStartException.Reason.EXECUTABLE))
                  .accepts(result.error().orElseThrow());
            })
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void endRunning_theFirstFailureEndsThoseThatRun(@TempDir Path directory) throws IOException {
    try (Gate gate = new Gate(directory)) {
      AtomicInteger started = new AtomicInteger();
      Flux<ItemResult<Integer, ProcessResult>> results =
          Parallel.of(
                  Flux.range(0, 100),
                  i -> {
                    started.incrementAndGet();
                    return i == 2 ? gate.waiting("exit 9", i) : gate.waiting("exec sleep 1000", i);
                  })
              .concurrency(3)
              .onFailure(OnFailure.END_RUNNING)
              .results();

      StepVerifier.create(results)
          .then(() -> arriveAndPass(gate, 3))
          .expectErrorSatisfies(
              error -> {
                assertThat(error).isInstanceOf(ItemFailedException.class);
                assertThat(((ItemFailedException) error).item().argument()).isEqualTo(2);
                assertThat(error).hasCauseInstanceOf(ProcessExitException.class);
              })
          .verify(SOON);
      assertThat(started).hasValue(3);
      Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
    }
  }

  @Test
  void finishRunning_thoseThatRunEndByThemselves(@TempDir Path directory) throws IOException {
    // The one that fails waits for the others to be there: else they might not be started at all.
    try (Gate gate = new Gate(directory);
        Gate failing = new Gate(Files.createDirectory(directory.resolve("failing")))) {
      AtomicInteger started = new AtomicInteger();
      ParallelRun<Integer, ProcessResult> run =
          Parallel.of(
                  Flux.range(0, 100),
                  i -> {
                    started.incrementAndGet();
                    return i == 0 ? failing.waiting("exit 9", i) : gate.waiting("", i);
                  })
              .concurrency(3)
              .onFailure(OnFailure.FINISH_RUNNING)
              .run();

      StepVerifier.create(run.results())
          .then(() -> arrive(gate, 2))
          .then(() -> arriveAndPass(failing, 1))
          .then(() -> Await.until("one failed", () -> run.snapshot().failed() == 1))
          .then(() -> pass(gate, 2))
          .expectNextMatches(ItemResult::isSuccess)
          .expectNextMatches(ItemResult::isSuccess)
          .expectError(ItemFailedException.class)
          .verify(SOON);
      assertThat(started).hasValue(3);
    }
  }

  private static void arriveAndPass(Gate gate, int children) {
    arrive(gate, children);
    pass(gate, children);
  }

  private static void arrive(Gate gate, int children) {
    try {
      for (int i = 0; i < children; i++) {
        gate.awaitArrival();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void pass(Gate gate, int children) {
    try {
      for (int i = 0; i < children; i++) {
        gate.letOnePass();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void cancel_endsAllThatRun() {
    ParallelRun<Integer, ProcessResult> run =
        Parallel.of(Flux.range(0, 100), i -> Command.of("sleep", "1000")).concurrency(8).run();
    Disposable running = run.results().subscribe();
    Await.until("eight run", () -> ProcessRuntime.shared().liveChildren() == 8);

    running.dispose();

    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
    assertThat(run.snapshot().running()).isZero();
  }

  @Test
  void fiveThousandItems_sixteenAtATime() {
    AtomicInteger live = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ConcurrentHashMap<Long, Boolean> seen = new ConcurrentHashMap<>();
    ParallelRun<Integer, ProcessResult> run =
        Parallel.running(
                Flux.range(0, 5_000),
                i ->
                    Command.of("true")
                        .output()
                        .doOnSubscribe(
                            s -> most.accumulateAndGet(live.incrementAndGet(), Math::max))
                        .doOnTerminate(live::decrementAndGet))
            .concurrency(16)
            .run();

    run.results()
        .doOnNext(result -> seen.put(result.index(), true))
        .blockLast(SOON.multipliedBy(2));

    assertThat(seen).hasSize(5_000);
    assertThat(most).hasValueBetween(2, 16);
    assertThat(run.snapshot().succeeded()).isEqualTo(5_000);
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  @Test
  void cancelAtAnyMoment_leavesNothing() {
    Random moments = new Random(3);
    Flux.range(0, 60)
        .flatMap(
            round ->
                Parallel.of(
                        Flux.range(0, 20),
                        i -> i % 5 == 4 ? script("exit $1", 1) : script("sleep 0.00$1", i % 3))
                    .concurrency(4)
                    .retry(times(2, Failures.exitCode(1)))
                    .results()
                    .takeUntilOther(Mono.delay(Duration.ofNanos(moments.nextInt(40_000_000))))
                    .then(),
            4)
        .blockLast(SOON);
    Await.until("nothing is left", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  private static Command script(String script, Object argument) {
    return Command.of("sh", "-c", script, "sh", argument.toString());
  }

  private static Retry times(int retries, Predicate<Throwable> when) {
    return Retry.max(retries).filter(when);
  }

  private static <E extends Throwable> E error(ItemResult<?, ?> result, Class<E> type) {
    assertThat(result.error()).get().isInstanceOf(type);
    return type.cast(result.error().orElseThrow());
  }
}
