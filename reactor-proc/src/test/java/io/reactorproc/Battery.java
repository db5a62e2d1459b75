/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Flux;

/** What must work wherever children can be run: one look at each part, on a given runtime. */
final class Battery {
  private static final Duration SOON = Limits.SOON;
  private static final Command SLEEP = Command.of("sleep", "1000");

  private final ProcessRuntime runtime;

  private Battery(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  /** Fails with the first thing that does not work; leaves nothing. */
  static void run(ProcessRuntime runtime) {
    new Battery(runtime).all();
  }

  private void all() {
    exitCodesAreTheChildren();
    bytesGoInAndComeOut();
    linesComeByDemand();
    signalsArriveAndAreReported();
    aFailedStartIsTyped();
    aTimeoutEndsTheChild();
    aCancelEndsTheChild();
    theChildHasItsDescriptorsOnly();
    manyExitAtOnce();
    assertThat(runtime.liveChildren()).isZero();
    Await.until("no child is left", () -> Proc.children().isEmpty());
  }

  private Command on(Command command) {
    return command.on(runtime);
  }

  private ExitStatus exit(Command command) {
    return Objects.requireNonNull(on(command).exit().block(SOON));
  }

  private void exitCodesAreTheChildren() {
    assertThat(exit(Command.of("true"))).hasToString("exit code 0");
    assertThat(exit(Command.shell("exit 7"))).hasToString("exit code 7");
    assertThat(exit(Command.shell("kill -9 $$"))).hasToString("SIGKILL");
    assertThat(exit(Command.shell("exec >&- 2>&-; sleep 0.05; exit 3"))).hasToString("exit code 3");
  }

  private void bytesGoInAndComeOut() {
    String text = "0123456789".repeat(50_000);
    Command copy = Command.shell("cat; echo done >&2").stdin(Stdin.text(text));

    ProcessResult result = Objects.requireNonNull(on(copy).output().block(SOON));

    assertThat(new String(result.stdout(), StandardCharsets.UTF_8).equals(text)).isTrue();
    assertThat(result.stderrText()).isEqualTo("done\n");
  }

  private void linesComeByDemand() {
    assertThat(on(Command.of("seq", "1000")).lines().collectList().block(SOON)).hasSize(1000);
    assertThat(on(Command.of("yes")).lines().take(3).collectList().block(SOON)).hasSize(3);
  }

  private void signalsArriveAndAreReported() {
    RunningProcess sleeping = Objects.requireNonNull(on(SLEEP).start().block(SOON));
    assertThat(sleeping.signal(Signal.SIGUSR1).block(SOON)).isTrue();
    assertThat(sleeping.exit().block(SOON)).hasToString("SIGUSR1");
    assertThat(sleeping.signal(Signal.SIGUSR1).block(SOON)).isFalse();
  }

  private void aFailedStartIsTyped() {
    assertThatThrownBy(() -> exit(Command.of("/no/such/program")))
        .hasCauseInstanceOf(ProcessStartException.class)
        .hasMessageContaining("ENOENT");
  }

  private void aTimeoutEndsTheChild() {
    assertThatThrownBy(() -> exit(SLEEP.timeout(Duration.ofMillis(20))))
        .hasCauseInstanceOf(ProcessExitException.class)
        .hasMessageContaining("timeout");
  }

  private void aCancelEndsTheChild() {
    on(Command.shell("trap '' TERM; echo ready; sleep 1000"))
        .termination(Termination.graceful(Duration.ofMillis(50)))
        .lines()
        .blockFirst(SOON);
    Await.until("the cancelled child is reaped", () -> runtime.liveChildren() == 0);
  }

  private void theChildHasItsDescriptorsOnly() {
    ChildDescriptorsTest.whileRunning(
        on(SLEEP).stdin(Stdin.inherit()).output(12, Output.standard()),
        pid -> assertThat(Proc.descriptors(pid)).containsOnlyKeys(0, 1, 2, 12));
  }

  private void manyExitAtOnce() {
    Flux.range(0, 200)
        .flatMap(
            i ->
                on(Command.shell("exit " + i % 100))
                    .exit()
                    .doOnNext(status -> assertThat(status).hasToString("exit code " + i % 100)),
            32)
        .blockLast(SOON);
  }
}
