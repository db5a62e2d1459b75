/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.signals.Signal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Time limits, and the ladder that ends a child. */
class TerminationTest {
  private static final Duration SHORT = Duration.ofMillis(100);

  /** So much that a child gets to run before, on a busy machine, too. */
  private static final Duration LONGER = Duration.ofSeconds(1);

  private static void failsWith(Reason reason, Flux<?> run) {
    StepVerifier.create(run.then())
        .expectErrorSatisfies(
            error -> {
              assertThat(error).isInstanceOf(ProcessExitException.class);
              assertThat(((ProcessExitException) error).reason()).isEqualTo(reason);
            })
        .verify(SOON);
  }

  @Test
  void timeout_endsTheChildInEveryWayToRun() {
    Command late = Command.of("sleep", "1000").timeout(SHORT);

    failsWith(Reason.TIMEOUT, late.output().flux());
    failsWith(Reason.TIMEOUT, late.exit().flux());
    failsWith(Reason.TIMEOUT, late.lines());
    failsWith(Reason.TIMEOUT, late.events());
    failsWith(Reason.TIMEOUT, late.lineEvents());
    failsWith(
        Reason.TIMEOUT,
        Flux.usingWhen(
            late.start(), RunningProcess::exit, child -> Mono.fromRunnable(child::dispose)));
  }

  @Test
  void timeout_needsNoDemand() {
    StepVerifier.create(Command.of("yes").timeout(LONGER).bytes().doOnNext(ByteBuf::release), 1)
        .expectNextCount(1)
        .expectError(ProcessExitException.class)
        .verify(SOON);
  }

  @Test
  void silentChild_exceedsTheIdleTimeout() {
    failsWith(
        Reason.IDLE_TIMEOUT,
        Command.of("sh", "-c", "echo x; sleep 1000").idleTimeout(SHORT).lines());
  }

  @Test
  void slowSubscriber_isNotIdleness() {
    Command chatty = Command.of("seq", "1", "3").idleTimeout(SHORT);

    StepVerifier.create(chatty.bytes().doOnNext(ByteBuf::release), 0)
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(400))
        .thenRequest(5)
        .expectNextCount(1)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void errorOfATimeout_winsOverTheStatusItProvoked() {
    StepVerifier.create(Command.of("sleep", "1000").timeout(SHORT).exit())
        .expectErrorSatisfies(
            error ->
                assertThat(((ProcessExitException) error).status().signal())
                    .contains(Signal.SIGTERM))
        .verify(SOON);
  }

  @Test
  void ladder_canSayGoodbyeAndCloseStdin() {
    Command polite =
        Command.of("sh", "-c", "read -r word; echo got $word; cat; exit 5")
            .stdin(Stdin.pipe())
            .termination(Termination.start().writeStdin("quit\n").closeStdin());
    RunningProcess child = polite.start().block(SOON);
    assertThat(child).isNotNull();

    child.terminate();

    assertThat(child.lines().collectList().block(SOON)).containsExactly("got quit");
    assertThat(child.exit().block(SOON)).matches(status -> status.is(5));
    child.dispose();
  }

  @Test
  void anotherTermination_takesThePlaceOfTheOneOnItsWay() {
    RunningProcess deaf =
        Command.of("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1000; done")
            .termination(Termination.graceful(Duration.ofHours(1)))
            .start()
            .block(SOON);
    assertThat(deaf).isNotNull();
    assertThat(deaf.lines().next().block(SOON)).isEqualTo("ready");

    deaf.terminate();
    deaf.terminate(Termination.kill());

    assertThat(deaf.exit().block(SOON)).hasToString("SIGKILL");
    deaf.dispose();
  }

  @Test
  void stopsAndContinuations_areEvents() {
    Command command = Command.of("sleep", "1000").termination(Termination.kill());
    int[] pid = new int[1];

    StepVerifier.create(command.events())
        .consumeNextWith(started -> pid[0] = ((ProcessEvent.Started) started).pid())
        .then(() -> signal("STOP", pid[0]))
        .consumeNextWith(
            e -> assertThat(((ProcessEvent.Stopped) e).signal()).isEqualTo(Signal.SIGSTOP))
        .then(() -> signal("CONT", pid[0]))
        .expectNextMatches(ProcessEvent.Continued.class::isInstance)
        .then(() -> signal("TSTP", pid[0]))
        .consumeNextWith(
            e -> assertThat(((ProcessEvent.Stopped) e).signal()).isEqualTo(Signal.SIGTSTP))
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void childThatExitsAfterAStop_hasContinued() {
    Command stopped = Command.of("sh", "-c", "kill -STOP $$; exit 3").success(ExitPolicy.any());
    int[] pid = new int[1];

    StepVerifier.create(stopped.events().filter(e -> !(e instanceof ProcessEvent.OutputEnded)))
        .consumeNextWith(started -> pid[0] = ((ProcessEvent.Started) started).pid())
        .expectNextMatches(ProcessEvent.Stopped.class::isInstance)
        .then(() -> signal("CONT", pid[0]))
        .expectNextMatches(ProcessEvent.Continued.class::isInstance)
        .expectNextMatches(e -> ((ProcessEvent.Exited) e).status().is(3))
        .expectComplete()
        .verify(SOON);
  }

  private static void signal(String name, int pid) {
    Command.of("kill", "-" + name, Integer.toString(pid)).output().block(SOON);
  }
}
