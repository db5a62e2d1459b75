/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import static io.reactorproc.signals.Signal.SIGCHLD;
import static io.reactorproc.signals.Signal.SIGQUIT;
import static io.reactorproc.signals.Signal.SIGTERM;
import static io.reactorproc.signals.Signal.SIGTRAP;
import static io.reactorproc.signals.Signal.SIGUSR1;
import static io.reactorproc.signals.Signal.SIGUSR2;
import static io.reactorproc.signals.Signal.SIGWINCH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.reactorproc.ipc.sys.BlockedSignals;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.subscriber.TestSubscriber;

/**
 * A JVM that was started with its signals blocked: a signalfd has them. The build runs this class
 * in such a JVM, see {@code src/test/launcher}.
 */
class SignalfdModeTest extends BothModes {
  private static final int CLD_EXITED = 1;
  private static final int SI_QUEUE = -1;

  SignalfdModeTest() {
    super(SignalMode.SIGNALFD);
  }

  @Test
  void mode_isThatOfEachSignal() {
    assertThat(Signals.mode(SIGTERM)).isEqualTo(SignalMode.SIGNALFD);
    assertThat(Signals.mode(SIGTRAP)).isEqualTo(SignalMode.HANDLER); // the launcher left it alone
    assertThat(Signals.mode(SIGUSR2)).isEqualTo(SignalMode.HANDLER); // HotSpot unblocks it
  }

  /** Ignored or not, as a build in the background or under nohup hands some down. */
  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "TERM", "CHLD"})
  void signalThatIsAboutTheJvmsLife_isOnlyAnEvent(String name) {
    Signal signal = Signal.parse(name);

    StepVerifier.create(Signals.on(signal).map(SignalEvent::signal).take(1))
        .then(() -> send(signal))
        .expectNext(signal)
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void sender_isKnown() {
    StepVerifier.create(Signals.on(SIGUSR1).take(1))
        .then(() -> send(SIGUSR1))
        .assertNext(
            event ->
                assertThat(event.origin())
                    .hasValueSatisfying(
                        origin -> {
                          assertThat(origin.pid()).isEqualTo(ProcessHandle.current().pid());
                          assertThat(origin.uid()).isEqualTo(uid());
                          assertThat(origin.code()).isZero();
                        }))
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void childsExit_tellsPidAndCode() throws Exception {
    Queue<SignalOrigin> origins = new ConcurrentLinkedQueue<>();
    Disposable subscription =
        Signals.on(SIGCHLD).subscribe(event -> origins.add(event.origin().orElseThrow()));
    Await.until("no earlier exit is pending", () -> !Disposition.isPending(SIGCHLD));

    Process child = new ProcessBuilder("sh", "-c", "exit 7").start();

    SignalOrigin exit = new SignalOrigin(CLD_EXITED, (int) child.pid(), uid(), 0, 7);
    Await.until("the exit of " + child.pid(), () -> origins.contains(exit));
    subscription.dispose();
    assertThat(child.waitFor()).isEqualTo(7);
  }

  @Test
  @EnabledIfExecutable("/usr/bin/kill")
  void realTimeSignals_arriveOneByOneWithTheirValues() {
    Signal signal = Signal.realTime(3);
    List<Integer> values = IntStream.range(0, 20).boxed().toList();

    StepVerifier.create(Signals.on(signal).take(values.size()).collectList())
        .then(() -> values.forEach(value -> queue(signal, value)))
        .assertNext(
            events ->
                assertThat(events)
                    .allSatisfy(event -> assertThat(event.signal()).isSameAs(signal))
                    .extracting(event -> event.origin().orElseThrow())
                    .allSatisfy(origin -> assertThat(origin.code()).isEqualTo(SI_QUEUE))
                    .extracting(SignalOrigin::value)
                    .containsExactlyElementsOf(values))
        .expectComplete()
        .verify(PATIENCE);
  }

  private static void queue(Signal signal, int value) {
    String pid = Long.toString(ProcessHandle.current().pid());
    String number = Integer.toString(signal.number());
    List<String> argv = List.of("/usr/bin/kill", "-s", number, "-q", Integer.toString(value), pid);
    try {
      assertThat(new ProcessBuilder(argv).inheritIO().start().waitFor()).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void signalThatNobodyListensTo_waitsForTheNextSubscription() {
    send(SIGTERM);
    send(SIGTERM);

    StepVerifier.create(Signals.on(SIGTERM).map(SignalEvent::signal))
        .expectNext(SIGTERM)
        .then(() -> send(SIGTERM))
        .expectNext(SIGTERM)
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void cancel_leavesTheSignalBlocked() {
    Disposable subscription = Signals.on(SIGUSR1, SIGTERM).subscribe();
    subscription.dispose();

    assertThat(Signals.mode(SIGUSR1)).isEqualTo(SignalMode.SIGNALFD);
    assertThat(BlockedSignals.inEveryThread() >>> (SIGTERM.number() - 1) & 1).isEqualTo(1);
    assertThat(Disposition.of(SIGUSR1)).isEqualTo(Disposition.DEFAULT);
  }

  @Test
  void cancelOfOne_isNoMatterForTheOther() {
    TestSubscriber<SignalEvent> stays = TestSubscriber.create();
    Signals.on(SIGUSR1, SIGWINCH).take(2).subscribe(stays);
    Signals.on(SIGUSR1).subscribe().dispose();

    send(SIGUSR1);
    send(SIGWINCH);

    stays.block(PATIENCE);
    assertThat(stays.getReceivedOnNext())
        .extracting(SignalEvent::signal)
        .containsExactlyInAnyOrder(SIGUSR1, SIGWINCH);
  }

  @Test
  void keyboardsQuit_canBeHad() {
    StepVerifier.create(Signals.on(SIGQUIT).map(SignalEvent::signal).take(1))
        .then(() -> send(SIGQUIT))
        .expectNext(SIGQUIT)
        .expectComplete()
        .verify(PATIENCE);
  }

  /** Under -Xrs. */
  @Test
  void signalThatTheLauncherLeftAlone_isRefused() {
    assertThatExceptionOfType(UnsupportedSignalException.class)
        .isThrownBy(() -> Signals.on(SIGUSR1, SIGTRAP))
        .withMessageContaining("-Xrs");
  }

  @Test
  void delivery_startsNoThread() {
    Flux<SignalEvent> events = Signals.on(SIGUSR1);
    StepVerifier.create(events.take(1))
        .then(() -> send(SIGUSR1))
        .expectNextCount(1)
        .expectComplete()
        .verify(PATIENCE);
    long started = startedThreads();
    AtomicInteger unsent = new AtomicInteger(99); // one too many would wait for the next test
    Consumer<SignalEvent> next =
        event -> {
          if (unsent.getAndDecrement() > 0) {
            send(SIGUSR1);
          }
        };

    StepVerifier.create(events.take(100))
        .then(() -> send(SIGUSR1))
        .thenConsumeWhile(event -> event.missed() == 0, next)
        .expectComplete()
        .verify(PATIENCE);

    assertThat(startedThreads()).isEqualTo(started);
  }

  private static int uid() {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long startedThreads() {
    return ManagementFactory.getThreadMXBean().getTotalStartedThreadCount();
  }
}
