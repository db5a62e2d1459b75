/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reactorproc.signals.Signal;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** How a child ended, and what is said of it. */
class ExitStatusTest {
  private static ExitStatus exitOf(String script) {
    ExitStatus status = Command.shell(script).exit().block(SOON);
    assertThat(status).isNotNull();
    return status;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 42, 126, 127, 128, 137, 254, 255})
  void code_isTheOneOfExit(int code) {
    ExitStatus status = exitOf("exit " + code);

    assertThat(status.code()).hasValue(code);
    assertThat(status.signal()).isEmpty();
    assertThat(status.shellStatus()).hasValue(code);
    assertThat(status).hasToString("exit code " + code);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 15, 10, 12, 34, 37, 64})
  void signal_isTheOneThatKilled(int number) {
    ExitStatus status = exitOf("kill -" + number + " $$");

    assertThat(status.signal()).contains(Signal.of(number));
    assertThat(status.code()).isEmpty();
    assertThat(status.shellStatus()).hasValue(128 + number);
    assertThat(status.isSuccess()).isFalse();
  }

  @Test
  void coreDump_isSaid(@TempDir Path directory) {
    Command probe = Command.shell("ulimit -c unlimited; sh -c 'kill -ABRT $$'; :");
    ProcessResult probed = probe.directory(directory).output().block(SOON);
    assertThat(probed).isNotNull();
    assumeTrue(probed.stderrText().contains("core dumped"), "missing: core dumps on this machine");

    Command aborting = Command.shell("ulimit -c unlimited; kill -ABRT $$");
    ExitStatus status = aborting.directory(directory).exit().block(SOON);

    assertThat(status).isNotNull();
    assertThat(status.coreDumped()).isTrue();
    assertThat(status).hasToString("SIGABRT (core dumped)");
  }

  @Test
  void usage_countsCpuAndMemoryAndTime() {
    ExitStatus status = exitOf("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done");
    ResourceUsage usage = status.usage().orElseThrow();

    assertThat(usage.cpu()).isPositive().isLessThan(Duration.ofSeconds(30));
    assertThat(usage.userCpu()).isPositive();
    assertThat(usage.peakRssBytes()).isGreaterThan(100_000);
    assertThat(status.wallTime()).isGreaterThanOrEqualTo(usage.userCpu().minusMillis(50));
  }

  @Test
  void failure_saysEverythingThatAPersonNeeds() {
    Command failing = Command.shell("echo 'no such host' >&2; exit 3");

    StepVerifier.create(failing.lines())
        .expectErrorSatisfies(
            error -> {
              ProcessExitException exit = (ProcessExitException) error;
              assertThat(exit.code()).hasValue(3);
              assertThat(exit.pid()).isPositive();
              assertThat(exit.stderr().text()).isEqualTo("no such host\n");
              assertThat(exit)
                  .hasMessageContaining("/bin/sh -c 'echo '\\''no such host'\\'' >&2; exit 3'")
                  .hasMessageContaining("exit code 3")
                  .hasMessageContaining("ExitPolicy")
                  .hasMessageContaining("stderr: no such host");
            })
        .verify(SOON);
  }

  @Test
  void longStderr_keepsHeadAndTail() {
    Command failing = Command.shell("seq 1 40000 >&2; exit 1");

    StepVerifier.create(failing.lines())
        .expectErrorSatisfies(
            error -> {
              StderrExcerpt stderr = ((ProcessExitException) error).stderr();
              assertThat(stderr.head()).hasSize(32 * 1024).startsWith("1\n2\n".getBytes(UTF_8));
              assertThat(stderr.tail()).hasSize(32 * 1024).endsWith("40000\n".getBytes(UTF_8));
              assertThat(stderr.skipped()).isEqualTo(228_894 - 65_536);
            })
        .verify(SOON);
  }

  @Test
  void throwingPredicate_isTheError() {
    Command command =
        Command.of("true")
            .success(
                ExitPolicy.matching(
                    status -> {
                      throw new IllegalStateException("a bug");
                    }));

    StepVerifier.create(command.output()).expectErrorMessage("a bug").verify(SOON);
  }
}
