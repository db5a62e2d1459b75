/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The watch program inside this JVM, on children of the shell. */
@Timeout(60)
class WatchTest {
  private static final Pattern LINE =
      Pattern.compile(" *\\d+\\.\\d{3} ms {2}(start|out|err|out \\||err \\||exit|note) .*");

  private static final String SOME_LONG_LINES =
      "i=0; while [ $i -lt 100 ]; do i=$((i + 1)); printf '%8000d\\n' $i; done";

  @TempDir Path directory;

  @Test
  void eachEvent_isOneLineWithItsTimeAndTag() {
    Outcome outcome = watch("echo to out; echo to err >&2; exit 3");

    assertThat(outcome.out()).allMatch(line -> LINE.matcher(line).matches());
    assertThat(outcome.text()).contains("out |  to out", "err |  to err", "exit   exit code 3 ");
    assertThat(outcome.out().get(0)).contains("start  pid ", "sh -c");
    assertThat(outcome.out().get(outcome.out().size() - 1)).contains("CPU", "peak memory");
  }

  @Test
  void endOfEachOutput_tellsBytesAndWhoWaited() {
    Outcome outcome = watch("printf '12345\\n'; printf 'x\\n' >&2");

    assertThat(outcome.out())
        .anyMatch(l -> l.contains("  out    ended after 6 bytes in 1 read; the child waited "))
        .anyMatch(l -> l.contains("  err    ended after 2 bytes in 1 read; the child waited "));
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0, 0",
    "exit 3, 3",
    "exit 255, 255",
    "kill -TERM $$, 143",
    "kill -KILL $$, 137",
  })
  void status_isTheChilds(String script, int status) {
    assertThat(watch(script).status()).isEqualTo(status);
  }

  @Test
  void commandThatIsNotThere_is127() {
    Outcome outcome = Outcome.of("watch", "no-such-program");

    assertThat(outcome.status()).isEqualTo(127);
    assertThat(outcome.err()).contains("no-such-program");
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void commandThatCannotBeExecuted_is126() throws IOException {
    Path data = Files.writeString(directory.resolve("data"), "no program");

    assertThat(Outcome.of("watch", data.toString()).status()).isEqualTo(126);
  }

  @Test
  void directoryThatIsNotThere_is125() {
    assertThat(Outcome.of("watch", "-C", directory + "/none", "true").status()).isEqualTo(125);
  }

  @ParameterizedTest
  @CsvSource({"--no-such-option", "--timeout=soon", "--quiet"})
  void wrongUsage_is2(String option) {
    Outcome outcome = Outcome.of("watch", option);

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).contains("Usage:");
  }

  @Test
  void optionsBehindTheCommand_areTheCommands() {
    assertThat(Outcome.of("watch", "echo", "--quiet", "--", "-t", "@x").text())
        .contains("out |  --quiet -- -t @x");
  }

  @Test
  void directoryAndEnvironment_areGivenToTheChild() {
    Outcome outcome =
        Outcome.of(
            "watch", "-C", directory.toString(), "-e", "A=b=c", "sh", "-c", "pwd -P; echo $A");

    assertThat(outcome.text()).contains("out |  " + directory.toAbsolutePath(), "out |  b=c");
  }

  @Test
  void merge_sendsStderrIntoStdout() {
    Outcome outcome = Outcome.of("watch", "--merge", "sh", "-c", "echo one; echo two >&2");

    assertThat(outcome.text()).contains("out |  one", "out |  two").doesNotContain("  err");
  }

  @Test
  void quiet_leavesOutTheLinesOnly() {
    Outcome outcome = Outcome.of("watch", "--quiet", "echo", "a word");

    assertThat(outcome.text()).doesNotContain("|  a word").contains("after 7 bytes", "exit code 0");
  }

  @Test
  void timeout_is124() {
    Outcome outcome = Outcome.of("watch", "--timeout", "100ms", "sleep", "1000");

    assertThat(outcome.status()).isEqualTo(124);
    assertThat(outcome.text()).contains("exit   SIGTERM", "the time was over");
  }

  @Test
  void slowReader_makesTheChildWait() {
    // More than pipe and reader hold, so that the child can only end after it has waited.
    Outcome outcome = Outcome.of("watch", "--slow", "1ms", "sh", "-c", SOME_LONG_LINES);

    Pattern waited = Pattern.compile("child waited (?!0\\.0 ms)[0-9.]+ m?s for its reader");
    assertThat(outcome.text()).containsPattern(waited);
    assertThat(outcome.status()).isZero();
  }

  @Test
  void controlCharacters_areShownAndNotSent() {
    assertThat(watch("printf 'a\\033[31mb\\001\\n'").text()).contains("out |  a\\x1b[31mb\\x01");
  }

  @Test
  void lineWithoutEnd_comesInPieces() {
    Outcome outcome = watch("head -c 10000000 /dev/zero | tr '\\0' z");

    List<String> pieces = outcome.out().stream().filter(line -> line.contains("out |")).toList();
    assertThat(pieces).hasSize((10_000_000 + 8191) / 8192);
    assertThat(pieces.stream().mapToLong(l -> l.chars().filter(c -> c == 'z').count()).sum())
        .isEqualTo(10_000_000);
  }

  private static Outcome watch(String script) {
    return Outcome.of("watch", "sh", "-c", script);
  }
}
