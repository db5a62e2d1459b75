/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.life;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.Command;
import io.reactorproc.RunningPipeline;
import io.reactorproc.RunningProcess;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

/** Signals that this JVM gets, handed on to children. */
@Timeout(60)
class ForwardingTest {
  /** Says what it gets, in a wait, which is what a signal interrupts. */
  private static final Command SAYS =
      Command.shell(
          "trap 'echo USR1' USR1; trap 'echo WINCH' WINCH; echo ready;"
              + " sleep 1000 >/dev/null & while :; do wait; done");

  private final List<String> lines = new CopyOnWriteArrayList<>();

  private static void toUs(String signal) {
    String self = Integer.toString(Proc.self());
    Command.of("kill", "-" + signal, self).output().block(SOON);
  }

  private RunningProcess start(Command command) {
    RunningProcess running = Objects.requireNonNull(command.start().block(SOON));
    running.lines().subscribe(lines::add);
    Await.until("it is ready", () -> lines.contains("ready"));
    return running;
  }

  @Test
  void signals_areHandedOnAsTheyAreOrAsOthers_untilTheChildIsGone() {
    RunningProcess running = start(SAYS);

    StepVerifier.create(
            Forwarding.of(Signal.SIGWINCH)
                .as(Signal.SIGURG, Signal.SIGUSR1)
                .to(running)
                .map(SignalEvent::signal))
        .then(() -> toUs("WINCH"))
        .expectNext(Signal.SIGWINCH)
        .then(() -> Await.until("WINCH arrives", () -> lines.contains("WINCH")))
        .then(() -> toUs("URG"))
        .expectNext(Signal.SIGURG)
        .then(() -> Await.until("USR1 arrives", () -> lines.contains("USR1")))
        .then(running::dispose)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void cancel_handsOnNothingMoreAndLeavesTheChildAlone() {
    RunningProcess running = start(SAYS);
    List<Signal> sent = new CopyOnWriteArrayList<>();
    Disposable forwarding =
        Forwarding.of(Signal.SIGWINCH).to(running).subscribe(event -> sent.add(event.signal()));
    toUs("WINCH");
    Await.until("it arrives", () -> lines.contains("WINCH"));

    forwarding.dispose();
    toUs("WINCH");
    running.signal(Signal.SIGUSR1).block(SOON);

    Await.until("what came later is there", () -> lines.contains("USR1"));
    assertThat(lines).containsOnlyOnce("WINCH");
    assertThat(running.isAlive()).isTrue();
    running.dispose();
  }

  @Test
  void group_getsItWithTheChildrenOfTheChild() {
    Command family =
        Command.shell(
            "(trap 'echo inner' WINCH; echo ready; sleep 1000 >/dev/null & while :; do wait; done)"
                + " & while :; do wait; done");
    RunningProcess running = start(family);
    Disposable forwarding = Forwarding.of(Signal.SIGWINCH).toGroup(running).subscribe();

    toUs("WINCH");

    Await.until("the child of the child has it", () -> lines.contains("inner"));
    forwarding.dispose();
    running.dispose();
  }

  @Test
  void pipeline_getsItInEachStage() {
    RunningPipeline running =
        Objects.requireNonNull(SAYS.pipe(Command.of("cat")).start().block(SOON));
    running.lines().subscribe(lines::add);
    Await.until("it is ready", () -> lines.contains("ready"));

    StepVerifier.create(Forwarding.of(Signal.SIGWINCH).to(running))
        .then(() -> toUs("WINCH"))
        .expectNextCount(1)
        .then(() -> Await.until("it arrives", () -> lines.contains("WINCH")))
        .then(running::dispose)
        .expectComplete()
        .verify(SOON);
  }
}
