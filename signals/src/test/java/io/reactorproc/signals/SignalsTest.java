/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import static io.reactorproc.signals.Signal.SIGCHLD;
import static io.reactorproc.signals.Signal.SIGCONT;
import static io.reactorproc.signals.Signal.SIGINT;
import static io.reactorproc.signals.Signal.SIGPIPE;
import static io.reactorproc.signals.Signal.SIGUSR1;
import static io.reactorproc.signals.Signal.SIGUSR2;
import static io.reactorproc.signals.Signal.SIGWINCH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import sun.misc.SignalHandler;

/** Real signals, raised at the JVM of the tests. */
class SignalsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static void raise(Signal signal) {
    sun.misc.Signal.raise(vmSignal(signal));
  }

  private static sun.misc.Signal vmSignal(Signal signal) {
    return new sun.misc.Signal(signal.name().substring("SIG".length()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"WINCH", "CONT", "USR1", "USR2", "PIPE"})
  void signal_arrivesAtASubscriber(String name) {
    Signal signal = Signal.parse(name);
    Instant before = Instant.now();

    StepVerifier.create(Signals.on(signal).take(1))
        .then(() -> raise(signal))
        .assertNext(
            event -> {
              assertThat(event.signal()).isSameAs(signal);
              assertThat(event.time()).isBetween(before, Instant.now());
              assertThat(event.missed()).isZero();
            })
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void severalSignals_shareOneStream() {
    StepVerifier.create(Signals.on(SIGWINCH, SIGCONT).map(SignalEvent::signal))
        .then(() -> raise(SIGWINCH))
        .expectNext(SIGWINCH)
        .then(() -> raise(SIGCONT))
        .expectNext(SIGCONT)
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void childsExit_isSeenAlthoughTheJdkHasStartedProcessesBefore() throws Exception {
    assertThat(new ProcessBuilder("true").start().waitFor()).isZero();

    StepVerifier.create(Signals.on(SIGCHLD).map(SignalEvent::signal).take(1))
        .then(SignalsTest::startTrue)
        .expectNext(SIGCHLD)
        .expectComplete()
        .verify(PATIENCE);
  }

  private static void startTrue() {
    try {
      new ProcessBuilder("true").start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void delivery_isOnTheSharedThread() {
    Flux<String> threads = Signals.on(SIGWINCH).map(event -> Thread.currentThread().getName());

    StepVerifier.create(threads.take(1))
        .then(() -> raise(SIGWINCH))
        .expectNext("reactor-proc-signals")
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void delivery_isOnTheCallersScheduler() {
    Scheduler scheduler = Schedulers.newSingle(work -> new Thread(work, "mine"));
    Flux<String> threads =
        Signals.on(scheduler, SIGWINCH).map(event -> Thread.currentThread().getName());
    try {
      StepVerifier.create(threads.take(1))
          .then(() -> raise(SIGWINCH))
          .expectNext("mine")
          .expectComplete()
          .verify(PATIENCE);
    } finally {
      scheduler.dispose();
    }
  }

  @Test
  void cancelOfOne_keepsTheHandlerUntilTheLastOneCancels() {
    Disposable one = Signals.on(SIGUSR1).subscribe();
    Disposable other = Signals.on(SIGUSR1).subscribe();

    one.dispose();
    assertThat(Disposition.of(SIGUSR1)).isEqualTo(Disposition.CAUGHT);

    other.dispose();
    assertThat(Disposition.of(SIGUSR1)).isEqualTo(Disposition.DEFAULT);
  }

  @Test
  void cancel_bringsAnIgnoredSignalBackToIgnored() {
    SignalHandler before = sun.misc.Signal.handle(vmSignal(SIGUSR1), SignalHandler.SIG_IGN);
    try {
      Disposable subscription = Signals.on(SIGUSR1).subscribe();
      assertThat(Disposition.of(SIGUSR1)).isEqualTo(Disposition.CAUGHT);

      subscription.dispose();
      assertThat(Disposition.of(SIGUSR1)).isEqualTo(Disposition.IGNORED);
    } finally {
      sun.misc.Signal.handle(vmSignal(SIGUSR1), before);
    }
  }

  @Test
  void cancel_bringsThePreviousHandlerBack() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    SignalHandler before = sun.misc.Signal.handle(vmSignal(SIGUSR1), signal -> called.countDown());
    try {
      StepVerifier.create(Signals.on(SIGUSR1).take(1))
          .then(() -> raise(SIGUSR1))
          .expectNextCount(1)
          .expectComplete()
          .verify(PATIENCE);
      assertThat(called.getCount()).as("not called while we listen").isEqualTo(1);

      raise(SIGUSR1);
      assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      sun.misc.Signal.handle(vmSignal(SIGUSR1), before);
    }
  }

  @Test
  void cancel_leavesAHandlerThatWasPutOverOurs() {
    SignalHandler theirs = signal -> {};
    Disposable subscription = Signals.on(SIGUSR1).subscribe();
    sun.misc.Signal.handle(vmSignal(SIGUSR1), theirs);

    subscription.dispose();

    assertThat(sun.misc.Signal.handle(vmSignal(SIGUSR1), SignalHandler.SIG_DFL)).isSameAs(theirs);
  }

  @Test
  void virtualMachinesOwnHandler_isBackAfterCancel() {
    Disposable subscription = Signals.on(SIGPIPE, SIGUSR2).subscribe();
    subscription.dispose();

    assertThat(Disposition.of(SIGPIPE)).isEqualTo(Disposition.CAUGHT);
    assertThat(Disposition.of(SIGUSR2)).isEqualTo(Disposition.CAUGHT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"KILL", "STOP", "SEGV", "BUS", "FPE", "ILL", "QUIT", "32", "33", "RTMIN", "RTMAX"})
  void signalThatIsKeptByOthers_isRefusedWithAReason(String name) {
    Signal signal = Signal.parse(name);

    assertThatExceptionOfType(UnsupportedSignalException.class)
        .isThrownBy(() -> Signals.on(SIGINT, signal))
        .withMessageMatching("cannot listen to " + signal.name().replace("+", "\\+") + ": .+")
        .satisfies(refused -> assertThat(refused.signal()).isSameAs(signal));
  }
}
