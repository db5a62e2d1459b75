/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessExitException.Reason;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/** What a reader of a handle's output learns where the output is closed by somebody else. */
class HandleOutputTest {
  private static final Command LINE_AND_SLEEP =
      Command.of("sh", "-c", "echo ready; exec sleep 1000");

  @Test
  void dispose_endsTheOutputOfWhoReadsIt() {
    RunningProcess child = start(LINE_AND_SLEEP);

    StepVerifier.create(child.lines())
        .expectNext("ready")
        .then(child::dispose)
        .expectError(CancellationException.class)
        .verify(SOON);
    child.exit().block(SOON);
  }

  @Test
  void dispose_endsTheOutputOfWhoComesLater() {
    RunningProcess child = start(LINE_AND_SLEEP);
    child.dispose();
    child.exit().block(SOON);

    StepVerifier.create(child.lines()).expectError(CancellationException.class).verify(SOON);
  }

  @Test
  void timeout_isTheErrorOfTheOutputToo() {
    RunningProcess child = start(LINE_AND_SLEEP.timeout(Duration.ofMillis(200)));

    StepVerifier.create(child.lines().filter(line -> !line.equals("ready")))
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOfSatisfying(
                        ProcessExitException.class,
                        exit -> assertThat(exit.reason()).isEqualTo(Reason.TIMEOUT)))
        .verify(SOON);
    StepVerifier.create(child.exit()).expectError(ProcessExitException.class).verify(SOON);
    child.dispose();
  }

  private static RunningProcess start(Command command) {
    return Objects.requireNonNull(command.start().block(SOON));
  }
}
