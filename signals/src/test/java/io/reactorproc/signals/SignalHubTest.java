/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import static io.reactorproc.signals.Signal.SIGHUP;
import static io.reactorproc.signals.Signal.SIGINT;
import static io.reactorproc.signals.Signal.SIGTERM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.subscriber.TestSubscriber;

/** What subscriptions do, on a source without an operating system and on the calling thread. */
class SignalHubTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final FakeSource source = new FakeSource();
  private final SignalHub hub = new SignalHub(source);

  private Flux<SignalEvent> on(Signal... signals) {
    return hub.on(Schedulers.immediate(), List.of(signals));
  }

  private TestSubscriber<SignalEvent> listen(Signal... signals) {
    TestSubscriber<SignalEvent> subscriber = TestSubscriber.create();
    on(signals).subscribe(subscriber);
    return subscriber;
  }

  private static List<Signal> seen(TestSubscriber<SignalEvent> subscriber) {
    return subscriber.getReceivedOnNext().stream().map(SignalEvent::signal).toList();
  }

  @Test
  void on_refusesBeforeAnybodySubscribes() {
    source.refuseAtCheck(SIGTERM);

    assertThatExceptionOfType(UnsupportedSignalException.class)
        .isThrownBy(() -> on(SIGHUP, SIGTERM))
        .withMessageContainingAll("SIGTERM", "the test says so")
        .satisfies(refused -> assertThat(refused.signal()).isSameAs(SIGTERM));
  }

  @Test
  void on_takesNothingOverBeforeTheSubscription() {
    Flux<SignalEvent> events = on(SIGHUP);
    assertThat(source.open()).isEmpty();

    Disposable subscription = events.subscribe();
    assertThat(source.open()).containsExactly(SIGHUP);
    subscription.dispose();
  }

  @Test
  void twoSubscribers_getTheSameSignal() {
    TestSubscriber<SignalEvent> one = listen(SIGHUP);
    TestSubscriber<SignalEvent> other = listen(SIGHUP, SIGINT);

    source.arrive(SIGHUP);
    source.arrive(SIGINT);

    assertThat(seen(one)).containsExactly(SIGHUP);
    assertThat(seen(other)).containsExactly(SIGHUP, SIGINT);
  }

  @Test
  void event_carriesTheTimeOfItsArrival() {
    TestSubscriber<SignalEvent> subscriber = listen(SIGHUP);
    Instant time = Instant.parse("2001-02-03T04:05:06Z");

    source.receiver(SIGHUP).onArrival(time, null);

    assertThat(subscriber.getReceivedOnNext()).singleElement().returns(time, SignalEvent::time);
  }

  @Test
  void cancelOfOne_leavesTheOtherListening() {
    TestSubscriber<SignalEvent> leaving = listen(SIGHUP);
    TestSubscriber<SignalEvent> staying = listen(SIGHUP);

    leaving.cancel();
    source.arrive(SIGHUP);

    assertThat(seen(staying)).containsExactly(SIGHUP);
    assertThat(seen(leaving)).isEmpty();
  }

  @Test
  void cancelOfTheLast_givesTheSignalBack() {
    TestSubscriber<SignalEvent> one = listen(SIGHUP, SIGINT);
    TestSubscriber<SignalEvent> other = listen(SIGHUP);

    one.cancel();
    assertThat(source.open()).containsExactly(SIGHUP);

    other.cancel();
    assertThat(source.open()).isEmpty();
  }

  @Test
  void subscribingAgain_takesTheSignalOverAgain() {
    listen(SIGHUP).cancel();
    TestSubscriber<SignalEvent> again = listen(SIGHUP);

    source.arrive(SIGHUP);

    assertThat(seen(again)).containsExactly(SIGHUP);
  }

  @Test
  void aSignalNamedTwice_isDeliveredOnce() {
    TestSubscriber<SignalEvent> subscriber = listen(SIGHUP, SIGHUP);

    source.arrive(SIGHUP);

    assertThat(seen(subscriber)).containsExactly(SIGHUP);
  }

  @Test
  void refusalAtTheStart_isAnErrorAndTakesNoneOfTheSignals() {
    source.refuseAtOpen(SIGTERM);

    StepVerifier.create(on(SIGHUP, SIGTERM, SIGINT))
        .expectError(UnsupportedSignalException.class)
        .verify(PATIENCE);

    assertThat(source.open()).isEmpty();
  }

  @Test
  void refusalAtTheStart_leavesEarlierSubscribersAlone() {
    TestSubscriber<SignalEvent> earlier = listen(SIGHUP);
    source.refuseAtOpen(SIGTERM);
    listen(SIGHUP, SIGTERM);

    source.arrive(SIGHUP);

    assertThat(seen(earlier)).containsExactly(SIGHUP);
  }

  @Test
  void deliveryAfterCancel_reachesNobody() {
    TestSubscriber<SignalEvent> subscriber = listen(SIGHUP);
    SignalSource.Receiver late = source.receiver(SIGHUP);
    subscriber.cancel();

    late.onArrival(Instant.now(), null);

    assertThat(seen(subscriber)).isEmpty();
  }

  @Test
  void slowSubscriber_losesWhatDoesNotFitAndIsToldHowMuch() {
    int lost = 44;
    TestSubscriber<SignalEvent> slow = TestSubscriber.builder().initialRequest(0).build();
    on(SIGHUP).subscribe(slow);
    for (int i = 0; i < SignalInbox.CAPACITY + lost; i++) {
      source.arrive(SIGHUP);
    }

    slow.request(Long.MAX_VALUE);
    source.arrive(SIGHUP);
    source.arrive(SIGHUP);

    List<Long> missed = slow.getReceivedOnNext().stream().map(SignalEvent::missed).toList();
    assertThat(missed).hasSize(SignalInbox.CAPACITY + 2);
    assertThat(missed.subList(0, SignalInbox.CAPACITY)).containsOnly(0L);
    assertThat(missed.subList(SignalInbox.CAPACITY, missed.size()))
        .containsExactly((long) lost, 0L);
  }

  @Test
  void slowSubscriber_costsTheOthersNothing() {
    TestSubscriber<SignalEvent> slow = TestSubscriber.builder().initialRequest(0).build();
    on(SIGHUP).subscribe(slow);
    TestSubscriber<SignalEvent> quick = listen(SIGHUP);
    int arrivals = 2 * SignalInbox.CAPACITY;

    for (int i = 0; i < arrivals; i++) {
      source.arrive(SIGHUP);
    }

    assertThat(quick.getReceivedOnNext()).hasSize(arrivals).allMatch(event -> event.missed() == 0);
  }

  @Test
  void throwingSubscriber_leavesTheOthersListening() throws Exception {
    Scheduler scheduler = Schedulers.newSingle("throwing", true);
    try {
      Flux<SignalEvent> events = hub.on(scheduler, List.of(SIGHUP));
      events.subscribe(new RuleBreaker());
      events.subscribe(
          event -> {
            throw new IllegalStateException("a lambda that throws");
          },
          error -> {});
      TestSubscriber<SignalEvent> other = TestSubscriber.create();
      events.take(2).subscribe(other);

      source.arrive(SIGHUP);
      source.arrive(SIGHUP);

      other.block(PATIENCE);
      assertThat(seen(other)).containsExactly(SIGHUP, SIGHUP);
    } finally {
      scheduler.dispose();
    }
  }

  @Test
  void disposedScheduler_endsTheSubscriptionAndGivesTheSignalBack() {
    Scheduler scheduler = Schedulers.newSingle("disposed", true);
    TestSubscriber<SignalEvent> subscriber = TestSubscriber.create();
    hub.on(scheduler, List.of(SIGHUP)).subscribe(subscriber);

    // Gracefully, because a task that is thrown away unrun would leave the subscription waiting.
    scheduler.disposeGracefully().block(PATIENCE);
    source.arrive(SIGHUP);

    assertThat(subscriber.expectTerminalError()).isInstanceOf(RejectedExecutionException.class);
    assertThat(source.open()).isEmpty();
  }

  @Test
  void racingSubscribersAndCancels_openOnceAndEndGivenBack() throws Exception {
    // Two, so that the last one leaves often while the other joins.
    race(
        () -> {
          for (int i = 0; i < 20_000; i++) {
            TestSubscriber<SignalEvent> subscriber = listen(SIGHUP, SIGINT);
            // While this one listens the signal is open, whatever the other does.
            source.arrive(SIGHUP);
            assertThat(seen(subscriber)).isNotEmpty();
            subscriber.cancel();
          }
        });

    assertThat(source.open()).isEmpty();
  }

  @Test
  void racingDeliveries_areReceivedOrCounted() throws Exception {
    TestSubscriber<SignalEvent> slow = TestSubscriber.builder().initialRequest(0).build();
    on(SIGHUP).subscribe(slow);
    int arrivals = 50_000;

    race(
        () -> {
          for (int i = 0; i < arrivals; i++) {
            source.arrive(SIGHUP);
          }
        });
    slow.request(Long.MAX_VALUE);
    source.arrive(SIGHUP);

    List<SignalEvent> received = slow.getReceivedOnNext();
    assertThat(received).hasSize(SignalInbox.CAPACITY + 1);
    assertThat(received.get(SignalInbox.CAPACITY).missed())
        .isEqualTo(2L * arrivals - SignalInbox.CAPACITY);
  }

  /** As the next one, but with the cancel in the one place where the worker is sure to reject. */
  @Test
  void cancelWhileASignalIsBeingScheduled_dropsNoError() {
    Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();
    List<Disposable> subscriptions = new ArrayList<>();
    Scheduler scheduler =
        new InterruptedScheduler(() -> subscriptions.forEach(Disposable::dispose));
    Hooks.onErrorDropped(dropped::add);
    try {
      subscriptions.add(hub.on(scheduler, List.of(SIGHUP)).subscribe());
      source.arrive(SIGHUP);
    } finally {
      Hooks.resetOnErrorDropped();
    }

    assertThat(subscriptions).singleElement().matches(Disposable::isDisposed, "disposed of");
    assertThat(dropped).isEmpty();
    assertThat(source.open()).isEmpty();
  }

  /** The worker of a cancelled subscription rejects; the rejection must not surface as an error. */
  @Test
  void cancelRacingWithASignal_dropsNoError() throws Exception {
    Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();
    Hooks.onErrorDropped(dropped::add);
    Scheduler scheduler = Schedulers.newSingle("racing", true);
    try {
      race(
          () -> {
            for (int i = 0; i < 5_000; i++) {
              Disposable subscription = hub.on(scheduler, List.of(SIGHUP)).subscribe();
              source.arrive(SIGHUP);
              subscription.dispose();
            }
          });
    } finally {
      scheduler.disposeGracefully().block(PATIENCE);
      Hooks.resetOnErrorDropped();
    }

    assertThat(dropped).isEmpty();
  }

  /** Runs the work on two threads at once; an assertion that fails in it fails the test. */
  private static void race(Runnable work) throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Callable<@Nullable Void> contestant =
          () -> {
            start.await();
            work.run();
            return null;
          };
      for (Future<?> outcome : List.of(pool.submit(contestant), pool.submit(contestant))) {
        outcome.get(30, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** Runs tasks at once, each one behind the interruption. */
  private record InterruptedScheduler(Runnable interruption) implements Scheduler {
    @Override
    public Disposable schedule(Runnable task) {
      return Schedulers.immediate().schedule(task);
    }

    @Override
    public Worker createWorker() {
      Worker worker = Schedulers.immediate().createWorker();
      return new Worker() {
        @Override
        public Disposable schedule(Runnable task) {
          interruption.run();
          return worker.schedule(task);
        }

        @Override
        public void dispose() {
          worker.dispose();
        }
      };
    }
  }

  /** Throws out of onNext, which Reactive Streams forbids and nothing in between catches. */
  private static final class RuleBreaker extends BaseSubscriber<SignalEvent> {
    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    protected void hookOnNext(SignalEvent event) {
      throw new LinkageError("fatal to Reactor, so not turned into onError");
    }
  }
}
