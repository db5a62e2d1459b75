/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import static io.reactorproc.service.Puppet.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.ProcessExitException;
import io.reactorproc.ProcessStartException;
import io.reactorproc.Termination;
import io.reactorproc.service.ServiceException.Reason;
import io.reactorproc.service.ServiceState.Phase;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A child that tells how it is. */
@Timeout(60)
class ServiceTest {
  private static RunningService started(Service service) {
    return Objects.requireNonNull(service.start().block(SOON));
  }

  private static void failsWith(Mono<?> mono, Reason reason) {
    StepVerifier.create(mono)
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOfSatisfying(
                        ServiceException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(reason)))
        .verify(SOON);
  }

  @Test
  void ready_comesWithWhatWasSaid() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    assertThat(puppet.service.state().phase()).isEqualTo(Phase.STARTING);
    Mono<Ready> ready = puppet.service.ready();

    puppet.says("READY=1", "STATUS=serving");

    Ready said = Objects.requireNonNull(ready.block(SOON));
    assertThat(said.message().status()).contains("serving");
    assertThat(said.message().sender().pid()).isEqualTo(Proc.self());
    assertThat(said.after()).isPositive();
    assertThat(puppet.service.ready().block(SOON)).isEqualTo(said);
    puppet.dispose();
  }

  @Test
  void states_followWhatIsSaid() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    List<ServiceState> states = new CopyOnWriteArrayList<>();
    Disposable watching = puppet.service.states().subscribe(states::add);

    puppet
        .says("STATUS=loading")
        .says("READY=1")
        .says("RELOADING=1", "MONOTONIC_USEC=17")
        .says("READY=1", "STATUS=new")
        .says("STOPPING=1", "ERRNO=5", "MAINPID=1")
        .says("READY=1");
    puppet.end();
    assertThat(puppet.service.exit().block(SOON)).hasToString("exit code 0");

    Await.until("it completes", watching::isDisposed);
    assertThat(states)
        .extracting(state -> state.phase() + state.status().map(s -> " " + s).orElse(""))
        .containsExactly(
            "STARTING",
            "STARTING loading",
            "READY loading",
            "RELOADING loading",
            "READY new",
            "STOPPING new",
            "EXITED new");
    ServiceState last = puppet.service.state();
    assertThat(last.errno()).hasValue(5);
    assertThat(last.mainPid()).hasValue(1);
    assertThat(last.exit().map(ExitStatus::toString)).contains("exit code 0");
    assertThat(puppet.service.states().collectList().block(SOON)).containsExactly(last);
  }

  @Test
  void notifications_areReplayedToWhoComesLate() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    for (int i = 0; i < 100; i++) {
      puppet.says("X=" + i);
    }
    puppet.says("READY=1");
    puppet.service.ready().block(SOON);
    puppet.end();
    puppet.service.exit().block(SOON);

    assertThat(puppet.service.notifications().collectList().block(SOON))
        .hasSize(64)
        .last()
        .satisfies(message -> assertThat(message.isReady()).isTrue());
    assertThat(puppet.service.counters().accepted()).isEqualTo(101);
  }

  @Test
  void subscriberWithoutDemand_holdsUpNothingAndMissesAreCounted() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    List<Notification> seen = new CopyOnWriteArrayList<>();
    StepVerifier.create(puppet.service.notifications().doOnNext(seen::add), 0)
        .expectSubscription()
        .then(
            () -> {
              for (int i = 0; i < 600; i++) {
                puppet.says("X=" + i);
              }
              puppet.says("READY=1");
              puppet.service.ready().block(SOON);
            })
        .thenRequest(Long.MAX_VALUE)
        .expectNextCount(256)
        .thenCancel()
        .verify(SOON);

    assertThat(puppet.service.counters().dropped()).isEqualTo(601 - 256);
    puppet.dispose();
  }

  @Test
  void subscriberOfStatesWithoutDemand_getsTheLatest() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    StepVerifier.create(puppet.service.states().map(state -> state.status().orElse("")), 1)
        .expectNext("")
        .then(
            () -> {
              for (int i = 0; i < 100; i++) {
                puppet.says("STATUS=" + i);
              }
              puppet.says("READY=1");
              puppet.service.ready().block(SOON);
            })
        .thenRequest(1)
        .expectNext("99")
        .thenCancel()
        .verify(SOON);
    puppet.dispose();
  }

  @Test
  void childThatEndsBefore_isNotReady() {
    RunningService service = started(Service.of(Command.shell("exit 3")));

    StepVerifier.create(service.ready())
        .expectErrorSatisfies(
            error -> {
              ServiceException failure = (ServiceException) error;
              assertThat(failure.reason()).isEqualTo(Reason.NOT_READY);
              assertThat(failure.exit().map(ExitStatus::toString)).contains("exit code 3");
              assertThat(failure).hasMessageContaining("exit 3").hasMessageContaining("code 3");
            })
        .verify(SOON);
    assertThat(service.exit().block(SOON)).hasToString("exit code 3");
    service.dispose();
  }

  @Test
  void childThatIsNotReadyInTime_isEnded() {
    Puppet puppet = Puppet.start(Puppet.trusting().readyTimeout(Duration.ofMillis(150)));

    failsWith(puppet.service.ready(), Reason.READY_TIMEOUT);
    StepVerifier.create(puppet.service.exit())
        .expectErrorSatisfies(
            error ->
                assertThat(((ServiceException) error).exit().map(ExitStatus::toString))
                    .contains("SIGKILL"))
        .verify(SOON);
    assertThat(puppet.service.state().phase()).isEqualTo(Phase.EXITED);
  }

  @Test
  void extendTimeout_givesMoreTimeToBecomeReady() {
    Puppet puppet = Puppet.start(Puppet.trusting().readyTimeout(Duration.ofMillis(400)));
    puppet.says("EXTEND_TIMEOUT_USEC=60000000");

    // Nothing else could tell that the first limit has passed.
    StepVerifier.create(puppet.service.ready()).expectTimeout(Duration.ofMillis(600)).verify();
    puppet.says("READY=1");

    assertThat(puppet.service.ready().block(SOON)).isNotNull();
    puppet.dispose();
  }

  @Test
  void watchdogThatIsFed_doesNotBite_andBitesOnceItIsNot() {
    Puppet puppet = Puppet.start(Puppet.trusting().watchdog(Duration.ofMillis(250)));
    NotifyTarget fed =
        new NotifyTarget(
            io.reactorproc.ipc.sys.Sockets.system(),
            java.util.Map.of("NOTIFY_SOCKET", puppet.address, "WATCHDOG_USEC", "50000"),
            1);
    puppet.says("READY=1");

    List<Boolean> sent = fed.keepAlive().take(30).collectList().block(SOON);

    assertThat(sent).hasSize(30).containsOnly(true);
    assertThat(puppet.service.isDisposed()).isFalse();
    failsWith(puppet.service.exit(), Reason.WATCHDOG);
    assertThat(puppet.service.state().phase()).isEqualTo(Phase.EXITED);
  }

  @Test
  void watchdog_beginsWithReadiness() {
    Puppet puppet = Puppet.start(Puppet.trusting().watchdog(Duration.ofMillis(50)));

    StepVerifier.create(puppet.service.exit()).expectTimeout(Duration.ofMillis(300)).verify();
    puppet.says("READY=1");

    failsWith(puppet.service.exit(), Reason.WATCHDOG);
  }

  @Test
  void stopping_putsTheWatchdogToRest() {
    Puppet puppet = Puppet.start(Puppet.trusting().watchdog(Duration.ofMillis(200)));
    puppet.says("READY=1").says("STOPPING=1");

    StepVerifier.create(puppet.service.exit()).expectTimeout(Duration.ofMillis(500)).verify();
    puppet.end();

    assertThat(puppet.service.exit().block(SOON)).hasToString("exit code 0");
  }

  @Test
  void service_changesItsWatchdogByItself() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    puppet.says("READY=1", "WATCHDOG_USEC=50000");

    failsWith(puppet.service.exit(), Reason.WATCHDOG);

    Puppet other = Puppet.start(Puppet.trusting().watchdog(Duration.ofMillis(300)));
    other.says("WATCHDOG_USEC=0").says("READY=1");
    StepVerifier.create(other.service.exit()).expectTimeout(Duration.ofMillis(500)).verify();
    other.dispose();
  }

  @Test
  void watchdogTrigger_bitesAtOnce() {
    Puppet puppet = Puppet.start(Puppet.trusting());
    puppet.says("READY=1").says("WATCHDOG=trigger");

    failsWith(puppet.service.exit(), Reason.WATCHDOG);
  }

  @Test
  void watchdog_endsByItsOwnTermination() {
    Termination abort = Termination.start().signalGroup(Signal.SIGABRT);
    Puppet puppet =
        Puppet.start(Puppet.trusting().watchdog(Duration.ofMillis(50), abort).readyTimeout(SOON));
    puppet.says("READY=1");

    StepVerifier.create(puppet.service.exit())
        .expectErrorSatisfies(
            error ->
                assertThat(((ServiceException) error).exit().orElseThrow().toString())
                    .startsWith("SIGABRT"))
        .verify(SOON);
  }

  @Test
  void child_findsItsSocketAndItsWatchdog() {
    Command command =
        Command.shell("echo \"$NOTIFY_SOCKET $WATCHDOG_USEC ${WATCHDOG_PID-unset}\"")
            .env("WATCHDOG_PID", "1")
            .env("WATCHDOG_USEC", "5");
    RunningService with = started(Service.of(command).watchdog(Duration.ofSeconds(30)));
    RunningService without = started(Service.of(command));

    assertThat(with.process().lines().blockFirst(SOON)).matches("@[0-9a-f]+ 30000000 unset");
    assertThat(without.process().lines().blockFirst(SOON)).matches("@[0-9a-f]+  unset");
    with.exit().block(SOON);
    without.exit().block(SOON);
    with.dispose();
    without.dispose();
  }

  @Test
  void timeoutOfTheCommand_isTheErrorOfTheExit() {
    Command sleep = Command.of("sleep", "1000").timeout(Duration.ofMillis(50));
    RunningService service = started(Service.of(sleep));

    StepVerifier.create(service.exit()).expectError(ProcessExitException.class).verify(SOON);
    failsWith(service.ready(), Reason.NOT_READY);
    service.dispose();
  }

  @Test
  void programThatIsMissing_isTheErrorOfTheStartAndLeavesNoSocket() {
    assertThatThrownBy(() -> started(Service.of(Command.of("no-such-program"))))
        .hasCauseInstanceOf(ProcessStartException.class);
  }

  @Test
  void wrongTimes_areRefused() {
    Service service = Service.of(Command.of("true"));
    assertThatThrownBy(() -> service.watchdog(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> service.watchdog(Duration.ofNanos(999)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> service.readyTimeout(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(service.watchdog(Duration.ofSeconds(Long.MAX_VALUE)).watchdog()).isPresent();
  }

  /**
   * The cancel may come before, in, or after the delivery: a handle that was not seen is nobody's.
   */
  @Test
  void cancelAtAnyMoment_leavesNothing() {
    Service service = Service.of(Command.of("sleep", "1000").termination(Termination.kill()));
    for (int i = 0; i < 200; i++) {
      List<RunningService> delivered = new ArrayList<>();
      // Not a lambda's subscriber, which drops what comes with the cancel.
      BaseSubscriber<RunningService> starting =
          new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(RunningService running) {
              synchronized (delivered) {
                delivered.add(running);
              }
            }
          };
      service.start().subscribe(starting);
      long nanos = ThreadLocalRandom.current().nextLong(3_000_000);
      Await.within(Duration.ofNanos(nanos), () -> false);
      starting.dispose();
      Await.until(
          "it is gone, or ours",
          () -> {
            synchronized (delivered) {
              delivered.forEach(RunningService::dispose);
              return Proc.children().isEmpty();
            }
          });
    }
  }

  @Test
  void manyServicesAtOnce_haveTheirOwnSockets() {
    List<Puppet> puppets = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      puppets.add(Puppet.start(Puppet.trusting()));
    }
    for (int i = 0; i < 20; i++) {
      puppets.get(i).says("READY=1", "STATUS=" + i);
    }
    for (int i = 0; i < 20; i++) {
      Ready ready = Objects.requireNonNull(puppets.get(i).service.ready().block(SOON));
      assertThat(ready.message().status()).contains("" + i);
    }
    puppets.forEach(puppet -> puppet.service.terminate());
    for (Puppet puppet : puppets) {
      assertThat(puppet.service.exit().block(SOON)).hasToString("SIGKILL");
    }
    assertThat(puppets.stream().map(puppet -> puppet.address)).doesNotHaveDuplicates();
  }

  /** systemd's own client, in the child's process group. It waits for the barrier by default. */
  @Test
  @EnabledIfExecutable("systemd-notify")
  void systemdNotify_isUnderstood() {
    Command script =
        Command.shell(
            "systemd-notify --status='warming up' && systemd-notify --ready --pid=$$"
                + " && systemd-notify STOPPING=1 && exit 4");
    RunningService service = started(Service.of(script));

    Ready ready = Objects.requireNonNull(service.ready().block(SOON));
    assertThat(service.exit().block(SOON)).hasToString("exit code 4");

    assertThat(ready.message().mainPid()).hasValue(service.process().startedPid());
    assertThat(service.state().status()).contains("warming up");
    // Each of the three calls has a barrier with the end of a pipe behind its message.
    assertThat(service.counters()).isEqualTo(new NotifyCounters(6, 0, 0, 0, 3, 0));
    service.dispose();
  }

  /** A READY of a child that is gone by the time it is read counts. */
  @Test
  @EnabledIfExecutable("python3")
  void lastWordsOfAChild_count() {
    Command words =
        Command.of(
            "python3",
            "-c",
            """
                import os,socket
                a=os.environ['NOTIFY_SOCKET']
                s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)
                for m in (b'READY=1',b'STATUS=done',b'STOPPING=1'): s.sendto(m,'\\0'+a[1:])
                os._exit(0)
                """);
    Flux.range(0, 10)
        .flatMap(
            i ->
                Service.of(words)
                    .start()
                    .flatMap(
                        service ->
                            service
                                .exit()
                                .then(service.ready())
                                .doOnNext(
                                    ready -> assertThat(service.state().status()).contains("done"))
                                .doFinally(end -> service.dispose())),
            4)
        .blockLast(SOON);
  }
}
