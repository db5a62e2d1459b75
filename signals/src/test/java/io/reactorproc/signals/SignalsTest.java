/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import static io.reactorproc.signals.Signal.SIGPIPE;
import static io.reactorproc.signals.Signal.SIGUSR1;
import static io.reactorproc.signals.Signal.SIGUSR2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.test.StepVerifier;
import sun.misc.SignalHandler;

/** A JVM that was started as most are: its own handlers have the signals. */
class SignalsTest extends BothModes {
  SignalsTest() {
    super(SignalMode.HANDLER);
  }

  private static sun.misc.Signal vmSignal(Signal signal) {
    return new sun.misc.Signal(signal.name().substring("SIG".length()));
  }

  /** HotSpot unblocks it in all of its threads, so no launcher can leave it to a signalfd. */
  @Test
  void signalThatSuspendsThreads_arrivesAtASubscriber() {
    StepVerifier.create(Signals.on(SIGUSR2).map(SignalEvent::signal).take(1))
        .then(() -> send(SIGUSR2))
        .expectNext(SIGUSR2)
        .expectComplete()
        .verify(PATIENCE);
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
          .then(() -> send(SIGUSR1))
          .expectNextCount(1)
          .expectComplete()
          .verify(PATIENCE);
      assertThat(called.getCount()).as("not called while we listen").isEqualTo(1);

      send(SIGUSR1);
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
  @ValueSource(strings = {"QUIT", "RTMIN", "RTMAX"})
  void signalThatAHandlerCannotHave_isRefusedWithAReason(String name) {
    Signal signal = Signal.parse(name);

    assertThatExceptionOfType(UnsupportedSignalException.class)
        .isThrownBy(() -> Signals.on(signal))
        .withMessageContaining("cannot listen to " + signal.name() + ": ");
  }

  @Test
  void origin_isUnknownToAHandler() {
    StepVerifier.create(Signals.on(SIGUSR1).map(SignalEvent::origin).take(1))
        .then(() -> send(SIGUSR1))
        .expectNext(Optional.empty())
        .expectComplete()
        .verify(PATIENCE);
  }
}
