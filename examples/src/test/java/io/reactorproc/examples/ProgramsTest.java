/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reactorproc.ProcessResult;
import io.reactorproc.RunningProcess;
import io.reactorproc.Stdin;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.EnabledIfExecutable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The smaller programs do what they say. */
@Timeout(120)
class ProgramsTest {
  @TempDir Path directory;

  @Test
  void withoutAProgram_theListIsShown() {
    Outcome outcome = Outcome.of();

    assertThat(outcome.status()).isZero();
    assertThat(outcome.text())
        .contains("watch", "top-words", "packages", "checksum", "tail", "chat", "deadline", "Try:");
  }

  @Test
  void topWords_countsAndRanks() throws IOException {
    Path one = Files.writeString(directory.resolve("one"), "the cat, THE dog\nthe end cat\n");
    Path two = Files.writeString(directory.resolve("two"), "the cat\n");

    Outcome outcome = Outcome.of("top-words", "-n", "2", one.toString(), two.toString());

    assertThat(outcome.out()).map(String::strip).containsExactly("4 the", "3 cat");
    assertThat(outcome.status()).isZero();
  }

  @Test
  void topWords_ofAMissingFile_tellsWhatCatSaid() {
    Outcome outcome = Outcome.of("top-words", directory + "/none");

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("cat: ");
  }

  @Test
  void packages_areTheSameByShellAndByJava() {
    assumeTrue(
        Stream.of("/usr/bin/dpkg-query", "/usr/bin/rpm").anyMatch(p -> Files.exists(Path.of(p))),
        "neither dpkg nor rpm is installed");

    Outcome shell = Outcome.of("packages", "-n", "3");
    Outcome java = Outcome.of("packages", "-n", "3", "--java");

    assertThat(shell.out()).hasSize(3).allMatch(line -> line.matches("\\d+ [^ ]+"));
    assertThat(java.out()).isEqualTo(shell.out());
    assertThat(shell.status()).isZero();
  }

  @Test
  void checksum_coversEveryFile() throws IOException {
    for (int i = 0; i < 100; i++) {
      Files.createDirectories(directory.resolve("d" + i % 3));
      Files.writeString(directory.resolve("d" + i % 3 + "/a file " + i), "");
    }

    Outcome outcome = Outcome.of("checksum", directory.toString());

    assertThat(outcome.out()).hasSize(100).allMatch(line -> line.startsWith("e3b0c44298fc1c14"));
    assertThat(outcome.status()).isZero();
  }

  @Test
  void deadline_killsTheDeafChild() {
    Outcome outcome = Outcome.of("deadline", "--timeout", "200ms", "--patience", "50ms");

    assertThat(outcome.text()).contains("out |  I ignore SIGTERM", "SIGKILL", "TIMEOUT");
    assertThat(outcome.status()).isEqualTo(124);
  }

  @Test
  void chat_showsTheAnswersOfALiveChild() {
    String echo = "while read -r line; do echo \"$(($line))\"; done; exit 5";
    ProcessResult result =
        ExampleJvm.command("chat", "sh", "-c", echo)
            .stdin(Stdin.text("6 * 7\n1 + 2\n"))
            .output()
            .blockOptional(ExampleJvm.DEADLINE)
            .orElseThrow();

    assertThat(result.stdoutText()).isEqualTo("> 42\n> 3\n");
    assertThat(result.status().code()).hasValue(5);
  }

  @Test
  void tail_mergesFilesUntilItIsInterrupted() throws IOException {
    Path one = Files.writeString(directory.resolve("one"), "a\n");
    Path two = Files.writeString(directory.resolve("two"), "b\n");
    RunningProcess tail =
        ExampleJvm.command("tail", one.toString(), two.toString())
            .start()
            .blockOptional(ExampleJvm.DEADLINE)
            .orElseThrow();

    List<String> lines =
        tail.lines().take(2).collectList().blockOptional(ExampleJvm.DEADLINE).orElseThrow();
    tail.signal(Signal.SIGINT).block(ExampleJvm.DEADLINE);

    assertThat(lines).containsExactlyInAnyOrder(one + ": a", two + ": b");
    assertThat(tail.exit().blockOptional(ExampleJvm.DEADLINE).orElseThrow().code()).hasValue(130);
    tail.dispose();
  }

  @Test
  void service_showsItsStatesAndHasTheStatusOfTheChild() {
    Outcome outcome = Outcome.of("service", "sh", "-c", "exit 3");

    assertThat(outcome.out())
        .map(line -> line.substring(10))
        .containsExactly("STARTING", "EXITED: exit code 3");
    assertThat(outcome.status()).isEqualTo(3);
  }

  @Test
  @EnabledIfExecutable("systemd-notify")
  void service_thatGivesNoSignOfLife_isEnded() {
    String script = "systemd-notify --ready --status='serving you'; sleep 1000";

    Outcome outcome = Outcome.of("service", "--watchdog", "100ms", "sh", "-c", script);

    assertThat(outcome.text()).contains("READY: serving you", "STOPPING", "no sign of life");
    assertThat(outcome.status()).isEqualTo(124);
  }
}
