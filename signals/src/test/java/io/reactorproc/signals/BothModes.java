/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import static io.reactorproc.signals.Signal.SIGCHLD;
import static io.reactorproc.signals.Signal.SIGCONT;
import static io.reactorproc.signals.Signal.SIGINT;
import static io.reactorproc.signals.Signal.SIGUSR1;
import static io.reactorproc.signals.Signal.SIGWINCH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.subscriber.TestSubscriber;

/** What holds in both modes, with real signals that are sent to the JVM of the tests. */
abstract class BothModes {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final SignalMode mode;

  BothModes(SignalMode mode) {
    this.mode = mode;
  }

  @BeforeEach
  void jvmIsInThisMode() {
    assumeTrue(
        Signals.mode(SIGUSR1) == mode,
        () -> "a JVM whose signals are in mode " + mode + " (env --block-signal, coreutils 8.31)");
  }

  static void send(Signal signal) {
    try {
      int self = Math.toIntExact(ProcessHandle.current().pid());
      assertThat(Kernel.system().kill(self, signal.number())).isTrue();
    } catch (SystemCallException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"WINCH", "CONT", "USR1", "PIPE"})
  void signal_arrivesAtASubscriber(String name) {
    Signal signal = Signal.parse(name);
    Instant before = Instant.now();

    StepVerifier.create(Signals.on(signal).take(1))
        .then(() -> send(signal))
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
        .then(() -> send(SIGWINCH))
        .expectNext(SIGWINCH)
        .then(() -> send(SIGCONT))
        .expectNext(SIGCONT)
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void childsExit_isSeenAlthoughTheJdkHasStartedProcessesBefore() throws Exception {
    assertThat(new ProcessBuilder("true").start().waitFor()).isZero();

    StepVerifier.create(Signals.on(SIGCHLD).map(SignalEvent::signal).take(1))
        .then(BothModes::startTrue)
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
        .then(() -> send(SIGWINCH))
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
          .then(() -> send(SIGWINCH))
          .expectNext("mine")
          .expectComplete()
          .verify(PATIENCE);
    } finally {
      scheduler.dispose();
    }
  }

  @Test
  void everySubscriber_getsEverySignal() {
    TestSubscriber<SignalEvent> one = TestSubscriber.create();
    Signals.on(SIGUSR1).take(1).subscribe(one);

    StepVerifier.create(Signals.on(SIGUSR1, SIGWINCH).map(SignalEvent::signal).take(1))
        .then(() -> send(SIGUSR1))
        .expectNext(SIGUSR1)
        .expectComplete()
        .verify(PATIENCE);

    one.block(PATIENCE);
    assertThat(one.getReceivedOnNext()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "STOP", "SEGV", "BUS", "FPE", "ILL", "32", "33"})
  void signalThatIsKeptByOthers_isRefusedWithAReason(String name) {
    Signal signal = Signal.parse(name);

    assertThatExceptionOfType(UnsupportedSignalException.class)
        .isThrownBy(() -> Signals.on(SIGINT, signal))
        .withMessageMatching("cannot listen to " + signal.name().replace("+", "\\+") + ": .+")
        .satisfies(refused -> assertThat(refused.signal()).isSameAs(signal));
  }
}
