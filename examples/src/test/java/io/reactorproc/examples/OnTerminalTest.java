/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ProcessResult;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.EnabledIfFile;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program "terminal" on a real terminal emulator, as its user would have it. */
@Timeout(120)
@EnabledIfExecutable({"tmux", "stty"})
class OnTerminalTest {
  @TempDir Path directory;

  /** What the user types; it is in the directory in which the windows are opened. */
  @BeforeEach
  void makeProgram() throws IOException {
    Path program = directory.resolve("terminal");
    Files.writeString(
        program,
        "#!/bin/sh\nexec " + Quote.shell(ExampleJvm.commandLine("terminal")) + " \"$@\"\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Files.writeString(
        directory.resolve("long"),
        IntStream.rangeClosed(1, 300).mapToObj(i -> "line " + i).collect(Collectors.joining("\n")));
  }

  /** Runs it between two looks at the modes of the terminal. */
  private Tmux window(String arguments) {
    return new Tmux(
        directory,
        "stty -g >before; ./terminal "
            + arguments
            + "; echo status $?; stty -g >after; exec sleep 1000");
  }

  private void isLeftAsItWas() {
    Path after = directory.resolve("after");
    Await.until("the modes are written", ExampleJvm.DEADLINE, () -> size(after) > 0);
    assertThat(after).hasSameTextualContentAs(directory.resolve("before"));
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void program_isOnATerminalOfItsOwnShownOnTheUsers() throws IOException {
    Files.writeString(
        directory.resolve("script"),
        "tty; tty <&1 >inner; stty size; read word; echo got $word; exit 3");
    try (Tmux tmux = window("--record cast sh script")) {
      tmux.await("24 80");
      tmux.press("hidden", "Enter");
      tmux.await("got hidden");
      tmux.await("status 3");
      isLeftAsItWas();
    }

    assertThat(directory.resolve("inner")).content().startsWith("/dev/pts/");
    List<String> lines = Files.readAllLines(directory.resolve("cast"));
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readTree(lines.get(0)).get("command").asText()).isEqualTo("sh script");
    StringBuilder shown = new StringBuilder();
    for (String line : lines.subList(1, lines.size())) {
      assertThat(json.readTree(line).get(1).asText()).isEqualTo("o");
      shown.append(json.readTree(line).get(2).asText());
    }
    assertThat(shown).contains("24 80\r\n", "got hidden\r\n");
  }

  @Test
  @EnabledIfExecutable("less")
  void pager_followsTheKeysAndTheSizeOfTheWindow() throws IOException {
    try (Tmux tmux = window("--record cast less long")) {
      tmux.await("line 22");
      tmux.resize(60, 40);
      tmux.await("line 38");
      tmux.press("G");
      tmux.await("line 300");
      tmux.press("q");
      tmux.awaitAlternateScreen("0");
      tmux.await("status 0");
      isLeftAsItWas();
    }
    assertThat(Files.readString(directory.resolve("cast"))).contains("\"r\",\"60x40\"");
  }

  @Test
  @EnabledIfExecutable({"bash", "vi", "top"})
  void shellEditorAndMonitor_workAsOnTheTerminalItself() {
    try (Tmux tmux = window("bash --norc -i")) {
      tmux.await("bash-");
      tmux.press("vi note", "Enter");
      tmux.await("[New");
      tmux.press("ihello", "Escape");
      tmux.press(":wq", "Enter");
      tmux.awaitAlternateScreen("0");
      Await.until("the note is written", () -> size(directory.resolve("note")) > 0);
      tmux.press("top", "Enter");
      tmux.await("load average");
      tmux.press("q");
      tmux.await("bash-"); // top drops what is typed before it is gone
      tmux.press("sleep 1000", "Enter");
      Await.until(
          "sleep is stopped, once it is in the foreground",
          ExampleJvm.DEADLINE,
          () -> {
            tmux.press("C-z");
            return tmux.screen().contains("Stopped");
          });
      tmux.press("kill %1; exit 7", "Enter");
      tmux.press("exit 7", "Enter"); // where the job was not gone yet, it refuses the first time
      tmux.await("status 7");
      isLeftAsItWas();
    }
    assertThat(directory.resolve("note")).hasContent("hello");
  }

  @Test
  void interruptKey_isTheProgramsAndNotOurs() throws IOException {
    Files.writeString(
        directory.resolve("script"),
        "trap 'echo caught' INT; sleep 1000 & echo ready; wait; wait; exit 5");
    try (Tmux tmux = window("sh script")) {
      tmux.await("ready");
      tmux.press("C-c");
      tmux.await("caught");
      tmux.press("C-\\");
      tmux.await("status 131");
      isLeftAsItWas();
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
  @EnabledIfExecutable("less")
  void signal_endsTheProgramAndLeavesTheTerminalAsItWas(String signal, int status) {
    try (Tmux tmux = window("less long")) {
      tmux.await("line 22");
      tmux.awaitAlternateScreen("1");
      int pager = Proc.children(tmux.child()).keySet().iterator().next();

      kill(signal, tmux.child());

      tmux.await("status " + status);
      tmux.awaitAlternateScreen("0");
      isLeftAsItWas();
      Await.until("the pager is gone", ExampleJvm.DEADLINE, () -> !Proc.isRunning(pager));
    }
  }

  @Test
  @EnabledIfExecutable("less")
  void programThatIsKilled_leavesTheTerminalAsItWas() {
    try (Tmux tmux = window("less long")) {
      tmux.await("line 22");
      tmux.awaitAlternateScreen("1");

      kill("KILL", Proc.children(tmux.child()).keySet().iterator().next());

      tmux.await("status 137");
      tmux.awaitAlternateScreen("0");
      isLeftAsItWas();
    }
  }

  @Test
  @EnabledIfExecutable({"less", "bash"})
  void stopAndContinuation_giveTheTerminalBackAndTakeItAgain() {
    try (Tmux tmux = new Tmux(directory, "PS1='$ ' exec bash --norc -i")) {
      tmux.await("$");
      tmux.press("stty -g >before; ./terminal less long", "Enter");
      tmux.await("line 22");
      tmux.awaitAlternateScreen("1");

      kill("TSTP", tmux.child());

      tmux.awaitAlternateScreen("0");
      tmux.await("Stopped");
      tmux.press("stty -g >after", "Enter");
      isLeftAsItWas();
      tmux.press("clear; fg", "Enter");
      tmux.awaitAlternateScreen("1");
      tmux.await("line 22");
      tmux.press("G");
      tmux.await("line 300");
      tmux.press("q");
      tmux.awaitAlternateScreen("0");
    }
  }

  @Test
  @EnabledIfExecutable("less")
  @EnabledIfFile("/dev/full")
  void recordingThatFails_isSaidAndLeavesTheTerminalAsItWas() {
    try (Tmux tmux = window("--record /dev/full less long")) {
      tmux.await("status 1"); // 129, or 15 where less has caught what ended it
      // it may be wrapped anywhere
      assertThat(tmux.screen().replace("\n", "")).contains("No space left on device");
      tmux.awaitAlternateScreen("0");
      isLeftAsItWas();
    }
  }

  @Test
  void programThatIsMissing_isSaidAndNothingChanges() {
    try (Tmux tmux = window("no-such-program")) {
      tmux.await("no-such-program (looked for in PATH)");
      tmux.await("status 127");
      isLeftAsItWas();
    }
  }

  @Test
  @EnabledIfExecutable("setsid")
  void withoutATerminal_itSaysSo() {
    ProcessResult result =
        Command.of(
                Stream.concat(
                        Stream.of("setsid", "-w"),
                        ExampleJvm.commandLine("terminal", "true").stream())
                    .toList())
            .success(ExitPolicy.any())
            .output()
            .blockOptional(ExampleJvm.DEADLINE)
            .orElseThrow();

    assertThat(result.status().code()).hasValue(125);
    assertThat(result.stderrText()).contains("/dev/tty");
  }

  private static void kill(String signal, int pid) {
    Command.of("kill", "-" + signal, Integer.toString(pid)).output().block(ExampleJvm.DEADLINE);
  }
}
