/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.frame.FrameTooLongException;
import io.reactorproc.ipc.frame.Framing;
import io.reactorproc.ipc.frame.TruncatedFrameException;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Our requests: what becomes of each of them. */
@Timeout(60)
class ExchangeTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Wire wire = new Wire();
  private final List<Exchange<String, String>> exchanges = new ArrayList<>();

  @AfterEach
  void close() {
    exchanges.forEach(Exchange::dispose);
    wire.close();
  }

  private Exchange<String, String> exchange() {
    return exchange(spec -> spec);
  }

  private Exchange<String, String> exchange(UnaryOperator<ExchangeSpec<String, String>> changes) {
    Exchange<String, String> exchange =
        changes
            .apply(ExchangeSpec.of(Framing.lines(), new TextCodec()))
            .connect(wire.in(), wire.out());
    exchanges.add(exchange);
    return exchange;
  }

  /** The outcome of one request. */
  private static final class Result {
    final AtomicReference<@Nullable String> value = new AtomicReference<>();
    final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
    final Disposable subscription;

    Result(Mono<String> request) {
      subscription = request.subscribe(value::set, error::set);
    }

    String value() {
      Await.until("a value", () -> value.get() != null || error.get() != null);
      String found = value.get();
      if (found == null) {
        throw new AssertionError(error.get());
      }
      return found;
    }

    Throwable error() {
      Await.until("an error", () -> value.get() != null || error.get() != null);
      Throwable found = error.get();
      if (found == null) {
        throw new AssertionError(value.get());
      }
      return found;
    }
  }

  @Test
  void answersInAnyOrder_reachWhoAsked() {
    Exchange<String, String> exchange = exchange();
    Result one = new Result(exchange.request("one"));
    Result two = new Result(exchange.request("two"));
    Result three = new Result(exchange.request("three"));

    assertThat(wire.hear(3)).containsExactly("?1 one", "?2 two", "?3 three");
    wire.say("=3 drei", "=1 eins", "-2 falsch");

    assertThat(three.value()).isEqualTo("drei");
    assertThat(one.value()).isEqualTo("eins");
    assertThat(two.error()).isInstanceOf(IllegalStateException.class).hasMessage("falsch");
    ExchangeStats stats = exchange.stats();
    assertThat(stats.requested()).isEqualTo(3);
    assertThat(stats.answered()).isEqualTo(2);
    assertThat(stats.failed()).isEqualTo(1);
    assertThat(stats.inFlight()).isZero();
  }

  @Test
  void aRequest_isNotSentBeforeItsSubscriptionAndAnewByEach() {
    Exchange<String, String> exchange = exchange();
    Mono<String> request = exchange.request("again");
    assertThat(wire.pending()).isEmpty();
    Result first = new Result(request);
    Result second = new Result(request);

    assertThat(wire.hear(2)).containsExactly("?1 again", "?2 again");
    wire.say("=1 a", "=2 b");
    assertThat(first.value()).isEqualTo("a");
    assertThat(second.value()).isEqualTo("b");
  }

  /** Thousands, answered at random, by a peer that is an exchange itself. */
  @Test
  void manyRequestsAtOnce_areEachAnsweredOnce() {
    Random random = new Random(42);
    List<Runnable> late = new ArrayList<>();
    try (Crossing crossing =
        Crossing.of(
            spec -> spec.maxInFlight(100, 20_000),
            spec ->
                spec.concurrency(50, 1000)
                    .onRequest(
                        text ->
                            Mono.<String>create(
                                answer -> {
                                  Runnable saying = () -> answer.success("re: " + text);
                                  List<Runnable> now = new ArrayList<>();
                                  synchronized (late) {
                                    late.add(saying);
                                    if (late.size() == 50 || random.nextInt(10) == 0) {
                                      Collections.shuffle(late, random);
                                      now.addAll(late);
                                      late.clear();
                                    }
                                  }
                                  now.forEach(Runnable::run);
                                })))) {
      AtomicInteger answered = new AtomicInteger();
      Flux.range(0, 5_000)
          .flatMap(
              i ->
                  crossing
                      .here()
                      .request("r" + i)
                      .doOnNext(answer -> assertThat(answer).isEqualTo("re: r" + i)),
              2_000)
          .doOnNext(answer -> answered.incrementAndGet())
          .takeUntil(answer -> answered.get() > 4_900) // the last may be fewer than make a shuffle
          .blockLast(DEADLINE);

      assertThat(answered.get()).isGreaterThan(4_900);
    }
  }

  // Limits and time.

  @Test
  void noMoreThanAreAllowed_areInFlight() {
    Exchange<String, String> exchange = exchange(spec -> spec.maxInFlight(2, 10));
    List<Result> results = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      results.add(new Result(exchange.request("r" + i)));
    }
    assertThat(wire.hear(2)).containsExactly("?1 r1", "?2 r2");
    assertThat(wire.pending()).isEmpty();
    assertThat(exchange.stats().inFlight()).isEqualTo(2);
    assertThat(exchange.stats().waiting()).isEqualTo(3);

    wire.say("=2 b");
    assertThat(wire.hear()).isEqualTo("?3 r3");
    results.get(3).subscription.dispose(); // one that waits
    wire.say("=1 a");
    assertThat(wire.hear()).isEqualTo("?4 r5");
    wire.say("=3 c", "=4 e");

    assertThat(results.get(4).value()).isEqualTo("e");
    assertThat(exchange.stats().cancelled()).isEqualTo(1);
  }

  @Test
  void moreThanMayWait_areRefused() {
    Exchange<String, String> exchange = exchange(spec -> spec.maxInFlight(1, 1));
    new Result(exchange.request("r1"));
    new Result(exchange.request("r2"));

    assertThat(new Result(exchange.request("r3")).error())
        .isInstanceOfSatisfying(
            ExchangeOverloadException.class, refused -> assertThat(refused.limit()).isEqualTo(1));
    assertThat(wire.hear()).isEqualTo("?1 r1");
    wire.say("=1 a");
    assertThat(wire.hear()).isEqualTo("?2 r2");
  }

  @Test
  void noAnswerInTime_isATypedErrorAndTold() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    Exchange<String, String> exchange = exchange(spec -> spec.timer(time).maxInFlight(1, 10));
    Result slow = new Result(exchange.request("slow", Duration.ofSeconds(5)));
    Result behind = new Result(exchange.request("behind", Duration.ofSeconds(3)));
    assertThat(wire.hear()).isEqualTo("?1 slow");

    time.advanceTimeBy(Duration.ofSeconds(3));
    assertThat(behind.error())
        .isInstanceOfSatisfying(
            RequestTimeoutException.class,
            timeout -> {
              assertThat(timeout.wasSent()).isFalse();
              assertThat(timeout.timeout()).isEqualTo(Duration.ofSeconds(3));
            });
    assertThat(slow.error.get()).isNull();
    time.advanceTimeBy(Duration.ofSeconds(2));
    assertThat(slow.error())
        .isInstanceOfSatisfying(
            RequestTimeoutException.class, timeout -> assertThat(timeout.wasSent()).isTrue());
    assertThat(wire.hear()).isEqualTo("!x1");
    assertThat(exchange.stats().timedOut()).isEqualTo(2);

    wire.say("=1 too late");
    Result next = new Result(exchange.request("next"));
    assertThat(wire.hear()).isEqualTo("?2 next");
    wire.say("=2 in time");
    assertThat(next.value()).isEqualTo("in time");
    assertThat(exchange.stats().lateAnswers()).isEqualTo(1);
    time.dispose();
  }

  @Test
  void cancelAfterItWasSent_isTold() {
    Exchange<String, String> exchange = exchange();
    Result given = new Result(exchange.request("up"));
    assertThat(wire.hear()).isEqualTo("?1 up");
    given.subscription.dispose();

    assertThat(wire.hear()).isEqualTo("!x1");
    assertThat(exchange.stats().cancelled()).isEqualTo(1);
    assertThat(exchange.stats().inFlight()).isZero();
  }

  /** The pipe is full, so that a request waits for the peer to read; its cancel keeps it here. */
  @Test
  void cancelBeforeItWasSent_keepsItFromBeingSent() {
    Exchange<String, String> exchange = exchange();
    String big = "b".repeat(300_000);
    Result first = new Result(exchange.request(big));
    Result second = new Result(exchange.request("never sent"));
    Result third = new Result(exchange.request("sent"));
    second.subscription.dispose();

    assertThat(wire.hear()).isEqualTo("?1 " + big);
    assertThat(wire.hear()).isEqualTo("?3 sent");
    wire.say("=1 a", "=3 c");
    assertThat(first.value()).isEqualTo("a");
    assertThat(third.value()).isEqualTo("c");
    assertThat(wire.pending()).isEmpty();
  }

  @Test
  void answersToNothing_areCountedAndDropped() {
    Exchange<String, String> exchange = exchange();
    Result asked = new Result(exchange.request("x"));
    assertThat(wire.hear()).isEqualTo("?1 x");
    wire.say("=77 what", "-78 what", "=1 fine", "=1 twice");

    assertThat(asked.value()).isEqualTo("fine");
    Await.until("both are counted", () -> exchange.stats().lateAnswers() == 1);
    assertThat(exchange.stats().unknownAnswers()).isEqualTo(2);
  }

  // What cannot be sent.

  @Test
  void aRequestThatCannotBeWritten_failsAloneAndIsNotSent() {
    Exchange<String, String> exchange = exchange(spec -> spec.maxInFlight(1, 1));

    assertThat(new Result(exchange.request("unwritable")).error())
        .isInstanceOf(IllegalArgumentException.class);
    Result next = new Result(exchange.request("fine"));
    assertThat(wire.hear()).isEqualTo("?2 fine");
    wire.say("=2 a");
    assertThat(next.value()).isEqualTo("a");
  }

  @Test
  void aRequestOverTheLimitOfFrames_failsAlone() {
    Exchange<String, String> exchange =
        ExchangeSpec.of(Framing.lines().maxLength(20), new TextCodec())
            .connect(wire.in(), wire.out());
    exchanges.add(exchange);

    assertThat(new Result(exchange.request("x".repeat(100))).error())
        .isInstanceOf(FrameTooLongException.class);
    assertThat(exchange.isDisposed()).isFalse();
  }

  // The end.

  @Test
  void whenThePeerEnds_whatWaitsFails() {
    Exchange<String, String> exchange = exchange(spec -> spec.maxInFlight(1, 5));
    Result sent = new Result(exchange.request("sent"));
    Result waiting = new Result(exchange.request("waiting"));
    assertThat(wire.hear()).isEqualTo("?1 sent");
    wire.endSaying();

    assertThat(sent.error())
        .isInstanceOf(ExchangeClosedException.class)
        .hasMessageContaining("ended without an answer");
    assertThat(waiting.error()).isInstanceOf(ExchangeClosedException.class);
    StepVerifier.create(exchange.closed()).expectComplete().verify(DEADLINE);
    assertThat(new Result(exchange.request("later")).error())
        .isInstanceOf(ExchangeClosedException.class);
    StepVerifier.create(exchange.tell("later"))
        .expectError(ExchangeClosedException.class)
        .verify(DEADLINE);
    assertThat(wire.hearEnd()).isEmpty();
  }

  @Test
  void whenThePeerEndsInsideAFrame_thatIsTheCause() {
    Exchange<String, String> exchange =
        ExchangeSpec.of(Framing.netstrings(), new TextCodec()).connect(wire.in(), wire.out());
    Result waiting = new Result(exchange.request("x"));
    wire.mouth().say("100:half");
    wire.endSaying();

    assertThat(waiting.error())
        .isInstanceOf(ExchangeClosedException.class)
        .hasCauseInstanceOf(TruncatedFrameException.class);
    StepVerifier.create(exchange.closed())
        .expectError(TruncatedFrameException.class)
        .verify(DEADLINE);
  }

  @Test
  void whenThePeerReadsNoMore_aRequestFails() {
    Exchange<String, String> exchange = exchange();
    wire.endHearing();

    assertThat(new Result(exchange.request("x")).error())
        .isInstanceOf(ExchangeClosedException.class)
        .hasMessageContaining("reads no more");
    StepVerifier.create(exchange.tell("x"))
        .expectError(ExchangeClosedException.class)
        .verify(DEADLINE);
  }

  @Test
  void dispose_failsWhatWaitsAndClosesBoth() {
    Exchange<String, String> exchange = exchange();
    Result waiting = new Result(exchange.request("x"));
    assertThat(wire.hear()).isEqualTo("?1 x");
    exchange.dispose();

    assertThat(waiting.error()).isInstanceOf(ExchangeClosedException.class);
    assertThat(wire.hearEnd()).isEmpty();
    StepVerifier.create(exchange.closed()).expectComplete().verify(DEADLINE);
    assertThat(exchange.isDisposed()).isTrue();
  }

  @Test
  void aSubscriberThatEndsTheExchangeInsideAnAnswer_isFine() {
    Exchange<String, String> exchange = exchange();
    Result ending = new Result(exchange.request("x").doOnNext(answer -> exchange.dispose()));
    assertThat(wire.hear()).isEqualTo("?1 x");
    wire.mouth().say("=1 a\n=2 b\n"); // at once, as nobody reads after the first

    assertThat(ending.value()).isEqualTo("a");
    assertThat(wire.hearEnd()).isEmpty();
  }

  // Malformed messages.

  @Test
  void aMalformedMessage_endsTheExchangeUnlessTold() {
    Exchange<String, String> exchange = exchange();
    Result waiting = new Result(exchange.request("x"));
    wire.say("nonsense");

    assertThat(waiting.error())
        .isInstanceOf(ExchangeClosedException.class)
        .hasCauseInstanceOf(MalformedMessageException.class);
    StepVerifier.create(exchange.closed())
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOfSatisfying(
                        MalformedMessageException.class,
                        malformed -> assertThat(malformed.excerpt()).isEqualTo("nonsense")))
        .verify(DEADLINE);
  }

  @Test
  void malformedMessages_areLeftOutWhereThatIsWanted() {
    Exchange<String, String> exchange = exchange(spec -> spec.onMalformed(Malformed.SKIP));
    Result asked = new Result(exchange.request("x"));
    assertThat(wire.hear()).isEqualTo("?1 x");
    wire.say("nonsense", "thrown", "=x y", "=1 fine");

    assertThat(asked.value()).isEqualTo("fine");
    assertThat(exchange.stats().malformed()).isEqualTo(3);
    assertThat(wire.hear(2)) // thrown has no answer
        .containsExactly("-null MalformedMessageException", "-null MalformedMessageException");
  }

  // Notifications.

  @Test
  void notifications_comeInOrderWithTheAnswers() {
    List<String> told = new CopyOnWriteArrayList<>();
    Exchange<String, String> exchange = exchange(spec -> spec.onNotification(told::add));
    Result asked = new Result(exchange.request("x").doOnNext(told::add));
    assertThat(wire.hear()).isEqualTo("?1 x");
    wire.say("!one", "=1 answer", "!two");

    assertThat(asked.value()).isEqualTo("answer");
    Await.until("all", () -> told.size() == 3);
    assertThat(told).containsExactly("one", "answer", "two");
    assertThat(exchange.stats().notifications()).isEqualTo(2);
  }

  @Test
  void notificationsAsAStream_endWithTheExchange() {
    Exchange<String, String> exchange = exchange();
    List<String> told = new CopyOnWriteArrayList<>();
    AtomicInteger ended = new AtomicInteger();
    exchange.notifications().subscribe(told::add, error -> {}, ended::incrementAndGet);
    wire.say("!one", "!two");
    Await.until("both", () -> told.size() == 2);
    wire.endSaying();

    Await.until("the end", () -> ended.get() == 1);
    assertThat(told).containsExactly("one", "two");
  }

  @Test
  void aSubscriberTooSlowForNotifications_failsAndTheExchangeGoesOn() {
    Exchange<String, String> exchange = exchange();
    StepVerifier.create(exchange.notifications(), 0)
        .expectSubscription()
        .then(
            () -> {
              for (int i = 0; i < 1100; i++) {
                wire.say("!n" + i);
              }
            })
        .then(() -> Await.until("all", () -> exchange.stats().notifications() == 1100))
        .thenRequest(Long.MAX_VALUE)
        .expectNextCount(1024)
        .expectErrorMatches(Exceptions::isOverflow)
        .verify(DEADLINE);

    Result asked = new Result(exchange.request("x"));
    assertThat(wire.hear()).isEqualTo("?1 x");
    wire.say("=1 fine");
    assertThat(asked.value()).isEqualTo("fine");
  }

  @Test
  void tell_isSentInOrder() {
    Exchange<String, String> exchange = exchange();
    exchange.tell("one").block(DEADLINE);
    new Result(exchange.request("two"));
    exchange.tell("three").block(DEADLINE);

    assertThat(wire.hear(3)).containsExactly("!one", "?1 two", "!three");
    assertThat(exchange.stats().notified()).isEqualTo(2);
  }

  /** Requests, cancels, timeouts and the end at random moments leave nothing. */
  @Test
  void anyEndAtAnyMoment_leavesNothing() {
    for (long seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      try (Crossing crossing =
          Crossing.of(
              spec -> spec.maxInFlight(5, 1000),
              spec ->
                  spec.onRequest(
                      text ->
                          Mono.delay(Duration.ofMillis(random.nextInt(3))).map(tick -> text)))) {
        AtomicInteger over = new AtomicInteger();
        List<Disposable> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          all.add(
              crossing
                  .here()
                  .request("r" + i, Duration.ofMillis(1 + random.nextInt(10)))
                  .doFinally(end -> over.incrementAndGet())
                  .subscribe(answer -> {}, error -> {}));
          if (random.nextInt(3) == 0) {
            all.get(random.nextInt(all.size())).dispose();
          }
          if (i == 50 && random.nextBoolean()) {
            crossing.there().dispose();
          }
        }
        if (random.nextBoolean()) {
          crossing.here().dispose();
        }
        Await.until("all are over, seed " + seed, () -> over.get() == 100);
        assertThat(crossing.here().stats().inFlight()).as("seed %d", seed).isZero();
        assertThat(crossing.here().stats().waiting()).as("seed %d", seed).isZero();
      }
    }
  }
}
