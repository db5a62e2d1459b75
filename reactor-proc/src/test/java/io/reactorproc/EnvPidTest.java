/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.testkit.EnabledIfExecutable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A variable that is the child's own pid. */
@Timeout(60)
class EnvPidTest {

  @TempDir Path directory;

  private static String text(Command command) {
    return command.text().blockOptional(Limits.SOON).orElseThrow();
  }

  private static ProcessResult result(Command command) {
    return Objects.requireNonNull(command.output().block(Limits.SOON));
  }

  /** The program itself is told of, not the shell before it: see its name. */
  @Test
  void variable_isThePidOfTheProgramItself() {
    Command command =
        Command.of("env").envPid("LISTEN_PID").envPid("OTHER").env("OTHER", "overridden");

    ProcessResult result = result(command);

    assertThat(result.stdoutText().lines())
        .contains("LISTEN_PID=" + result.pid(), "OTHER=" + result.pid());
  }

  @Test
  void environment_isOtherwiseWhatWasDeclared() {
    Command command =
        Command.of("/usr/bin/env").clearEnv().env("A", "1").env("EMPTY", "").envPid("P");

    ProcessResult result = result(command);

    assertThat(result.stdoutText().lines().filter(line -> !line.startsWith("_=")))
        .containsExactlyInAnyOrder("A=1", "EMPTY=", "P=" + result.pid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "$x `y` \"z\" 'q' \\", "-n", "--", "*", "new\nline"})
  void arguments_areNotReadByTheShell(String argument) {
    Command command = Command.of("printf", "[%s]", argument, argument).envPid("P");

    assertThat(text(command)).isEqualTo("[" + argument + "][" + argument + "]");
  }

  private static List<String> argvOf(Command command) {
    RunningProcess child = Objects.requireNonNull(command.start().block(Limits.SOON));
    try {
      Path file = Path.of("/proc/" + child.startedPid() + "/cmdline");
      io.reactorproc.testkit.Await.until("it is the program", () -> read(file).contains("1000"));
      return Arrays.asList(read(file).split("\0", -1));
    } finally {
      child.dispose();
      child.exit().block(Limits.SOON);
    }
  }

  private static String read(Path file) {
    try {
      String line = Files.readString(file);
      return line.contains("exec ") ? "" : line; // still the shell
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nameOfTheProgram_isArgv0() {
    assertThat(argvOf(Command.of("sleep", "1000").envPid("P")))
        .containsExactly("sleep", "1000", "");
    assertThat(argvOf(Command.of("/bin/sleep", "1000").envPid("P")))
        .containsExactly("/bin/sleep", "1000", "");
  }

  @Test
  @EnabledIfExecutable("bash")
  void anotherArgv0_isKept() {
    assertThat(argvOf(Command.of("sleep", "1000").argv0("my sleep").envPid("P")))
        .containsExactly("my sleep", "1000", "");
    assertThat(argvOf(Command.of("/bin/sleep", "1000").argv0("-x").envPid("P")))
        .containsExactly("-x", "1000", "");
  }

  @Test
  void programThatIsMissing_isATypedErrorAndNothingIsStarted() {
    for (Command missing :
        List.of(
            Command.of("no-such-program"),
            Command.of("/no/such/program"),
            Command.of("./missing").directory(directory),
            Command.of("/etc/passwd"),
            Command.of("/tmp"))) {
      assertThatThrownBy(() -> text(missing.envPid("P")))
          .cause()
          .isInstanceOfSatisfying(
              ProcessStartException.class,
              failure -> assertThat(failure.reason()).isEqualTo(Reason.EXECUTABLE));
    }
  }

  @Test
  void relativeProgram_isFoundFromTheChildsDirectory() throws IOException {
    Path script = Files.writeString(directory.resolve("here"), "#!/bin/sh\necho $0 $P\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();

    ProcessResult result = result(Command.of("./here").directory(directory).envPid("P"));

    assertThat(result.stdoutText()).isEqualTo("./here " + result.pid() + "\n");
  }

  /** As everywhere here, the current directory is not searched, even where PATH says so. */
  @Test
  @EnabledIfExecutable("bash")
  void entriesOfPathThatAreNotAbsolute_arePassedOver() throws IOException {
    Path trap = Files.writeString(directory.resolve("printf"), "#!/bin/sh\necho trapped\n");
    assertThat(trap.toFile().setExecutable(true)).isTrue();
    for (String path : List.of(":/usr/bin:/bin", ".:/usr/bin:/bin", "/nowhere::/usr/bin:/bin")) {
      Command command = Command.of("printf", "good").directory(directory).env("PATH", path);

      assertThat(text(command.envPid("P"))).isEqualTo("good");
    }
  }

  @Test
  void statusAndSignals_areTheProgramsOwn() {
    assertThat(Command.shell("exit 7").envPid("P").exit().block(Limits.SOON))
        .hasToString("exit code 7");
    assertThat(Command.shell("kill -TERM $P").envPid("P").exit().block(Limits.SOON))
        .hasToString("SIGTERM");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A B", "1A", "A=", "A;B", "Ä"})
  void nameThatAShellCannotSet_isRefused(String name) {
    assertThatThrownBy(() -> Command.of("env").envPid(name))
        .isInstanceOf(InvalidCommandException.class);
  }
}
