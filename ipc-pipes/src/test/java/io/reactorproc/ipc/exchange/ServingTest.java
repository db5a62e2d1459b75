/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.frame.Framing;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.test.StepVerifier;

/** The peer's requests: who answers them, and how many at once. */
@Timeout(60)
class ServingTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Wire wire = new Wire();
  private final List<Exchange<String, String>> exchanges = new ArrayList<>();

  /** What the handler was given and has not answered. */
  private final Map<String, MonoSink<String>> asked = new ConcurrentHashMap<>();

  private final AtomicInteger cancelled = new AtomicInteger();

  @AfterEach
  void close() {
    exchanges.forEach(Exchange::dispose);
    wire.close();
  }

  private Exchange<String, String> exchange(UnaryOperator<ExchangeSpec<String, String>> changes) {
    Exchange<String, String> exchange =
        changes
            .apply(ExchangeSpec.of(Framing.lines(), new TextCodec()).onRequest(this::keep))
            .connect(wire.in(), wire.out());
    exchanges.add(exchange);
    return exchange;
  }

  private Mono<String> keep(String text) {
    return Mono.<String>create(sink -> asked.put(text, sink))
        .doOnCancel(cancelled::incrementAndGet);
  }

  private MonoSink<String> asked(String text) {
    Await.until("asked: " + text, () -> asked.containsKey(text));
    MonoSink<String> sink = asked.remove(text);
    if (sink == null) {
      throw new AssertionError(text);
    }
    return sink;
  }

  @Test
  void answers_goWhenTheyAreThere() {
    Exchange<String, String> exchange = exchange(spec -> spec);
    wire.say("?1 one", "?2 two");
    asked("two").success("zwei");
    assertThat(wire.hear()).isEqualTo("=2 zwei");
    asked("one").error(new UnsupportedOperationException());

    assertThat(wire.hear()).isEqualTo("-1 UnsupportedOperationException");
    assertThat(exchange.stats().handled()).isEqualTo(2);
  }

  @Test
  void withoutAHandler_requestsAreRefused() {
    exchange(spec -> ExchangeSpec.of(Framing.lines(), new TextCodec()));
    wire.say("?1 one");

    assertThat(wire.hear()).isEqualTo("-1 NoHandlerException");
  }

  @Test
  void aHandlerThatThrowsOrSaysNothing_isAnErrorForThePeer() {
    exchange(
        spec ->
            spec.onRequest(
                text -> {
                  if (text.equals("throw")) {
                    throw new UnsupportedOperationException();
                  }
                  return text.equals("unwritable") ? Mono.just(text) : Mono.empty();
                }));
    wire.say("?1 throw");
    assertThat(wire.hear()).isEqualTo("-1 UnsupportedOperationException");
    wire.say("?2 nothing");
    assertThat(wire.hear()).isEqualTo("-2 IllegalStateException");
    wire.say("?3 unwritable");
    assertThat(wire.hear()).isEqualTo("-3 IllegalArgumentException");
  }

  @Test
  void noMoreThanAreAllowed_areHandledAtOnce() {
    Exchange<String, String> exchange = exchange(spec -> spec.concurrency(2, 10));
    wire.say("?1 a", "?2 b", "?3 c");
    MonoSink<String> first = asked("a");
    asked("b");
    wire.say("!seen");
    Await.until("all was read", () -> exchange.stats().notifications() == 1);
    assertThat(asked).isEmpty();
    first.success("A");

    asked("c").success("C");
    assertThat(wire.hear(2)).containsExactly("=1 A", "=3 C");
  }

  /** While too many wait and no answer of its own is due, the peer is not read. */
  @Test
  void aPeerThatAsksTooFast_isPressedBack() {
    Exchange<String, String> exchange = exchange(spec -> spec.concurrency(1, 1));
    wire.say("?1 a", "?2 b", "?3 c", "?4 d");
    asked("a").success("A");
    assertThat(wire.hear()).isEqualTo("=1 A");
    asked("b").success("B");
    assertThat(wire.hear()).isEqualTo("=2 B");
    asked("c").success("C");
    asked("d").success("D");

    assertThat(wire.hear(2)).containsExactly("=3 C", "=4 D");
    assertThat(exchange.stats().refused()).isZero();
  }

  @Test
  void aPeerThatIsNotRead_fillsItsPipe() {
    exchange(spec -> spec.concurrency(1, 1));
    wire.say("?1 a", "?2 b");
    asked("a");
    int taken = 0;
    for (int more = wire.mouth().fill(); more > 0; more = wire.mouth().fill()) {
      taken += more;
      assertThat(taken).isLessThan(4 * 1024 * 1024);
    }
  }

  /** A handler that asks back gets its answer, however many requests wait: no deadlock. */
  @Test
  void handlersThatAskBack_areAnswered() {
    CompletableFuture<Crossing> both = new CompletableFuture<>();
    try (Crossing crossing =
        Crossing.of(
            spec -> spec.maxInFlight(1, 100).onRequest(text -> Mono.just("nested " + text)),
            spec ->
                spec.concurrency(1, 1)
                    .onRequest(
                        text -> both.join().there().request(text).map(t -> "(" + t + ")")))) {
      both.complete(crossing);
      List<String> answers =
          Flux.range(0, 50)
              .flatMap(i -> crossing.here().request("x" + i), 50)
              .collectList()
              .blockOptional(DEADLINE)
              .orElseThrow();

      assertThat(answers).hasSize(50).contains("(nested x49)");
    }
  }

  @Test
  void tooManyWhileAnAnswerIsDue_areRefused() {
    Exchange<String, String> exchange = exchange(spec -> spec.concurrency(1, 1));
    exchange.request("ours").subscribe(answer -> {}, error -> {});
    assertThat(wire.hear()).isEqualTo("?1 ours");
    wire.say("?1 a", "?2 b", "?3 c");

    assertThat(wire.hear()).isEqualTo("-3 ExchangeOverloadException");
    assertThat(exchange.stats().refused()).isEqualTo(1);
    asked("a").success("A");
    asked("b").success("B");
    assertThat(wire.hear(2)).containsExactly("=1 A", "=2 B");
  }

  @Test
  void whatThePeerCallsOff_isCancelledAndAnsweredSo() {
    Exchange<String, String> exchange = exchange(spec -> spec.concurrency(1, 10));
    wire.say("?1 a", "?2 b", "!x1", "!x2", "!x99");

    assertThat(wire.hear(2))
        .containsExactlyInAnyOrder("-1 CancellationException", "-2 CancellationException");
    Await.until("cancelled", () -> cancelled.get() >= 1);
    assertThat(exchange.stats().calledOff()).isEqualTo(2);
  }

  @Test
  void dispose_cancelsWhatIsHandled() {
    Exchange<String, String> exchange = exchange(spec -> spec);
    wire.say("?1 a");
    asked("a");
    exchange.dispose();

    Await.until("cancelled", () -> cancelled.get() == 1);
    assertThat(wire.hearEnd()).isEmpty();
  }

  @Test
  void requestsBeforeTheEnd_areStillAnswered() {
    Exchange<String, String> exchange = exchange(spec -> spec);
    wire.say("?1 a", "?2 b");
    wire.endSaying();
    asked("b").success("B");
    assertThat(wire.hear()).isEqualTo("=2 B");
    assertThat(exchange.isDisposed()).isFalse();
    asked("a").success("A");

    assertThat(wire.hearEnd()).isEqualTo("=1 A\n");
    StepVerifier.create(exchange.closed()).expectComplete().verify(DEADLINE);
  }

  // Batches.

  @Test
  void aBatch_isAnsweredTogether() {
    exchange(spec -> spec);
    wire.say("?1 a|!told|?2 b");
    asked("b").success("B");
    asked("a").success("A");

    assertThat(wire.hear()).isEqualTo("=2 B|=1 A");
  }

  @Test
  void aBatchOfNotifications_isNotAnswered() {
    Exchange<String, String> exchange = exchange(spec -> spec);
    wire.say("!a|!b", "?1 c");
    asked("c").success("C");

    assertThat(wire.hear()).isEqualTo("=1 C");
    assertThat(exchange.stats().notifications()).isEqualTo(2);
  }

  @Test
  void aBatchWithWrongParts_isAnsweredForTheOthersToo() {
    exchange(spec -> spec.onMalformed(Malformed.SKIP));
    wire.say("?1 a|rubbish|?2 unwritable");
    asked("unwritable").success("unwritable");
    asked("a").success("A");

    assertThat(wire.hear())
        .isEqualTo(
            "-null MalformedMessageException|-2 IllegalArgumentException|-1 IllegalArgumentException");
  }

  @Test
  void aBatchOfMoreThanMayWait_isAnsweredForAll() {
    Exchange<String, String> exchange = exchange(spec -> spec.concurrency(1, 1));
    wire.say("?1 a|?2 b|?3 c");
    asked("a").success("A");
    asked("b").success("B");

    assertThat(wire.hear()).isEqualTo("-3 ExchangeOverloadException|=1 A|=2 B");
    assertThat(exchange.stats().refused()).isEqualTo(1);
  }
}
