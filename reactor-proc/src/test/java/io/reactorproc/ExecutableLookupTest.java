/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessStartException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Which file a command's name means. */
class ExecutableLookupTest {
  private static final String EXECUTABLE = "rwxr-xr-x";

  @TempDir Path directory;
  private Path first;
  private Path second;
  private Command tool;

  @BeforeEach
  void makeTwoDirectories() throws IOException {
    first = Files.createDirectory(directory.resolve("first"));
    second = Files.createDirectory(directory.resolve("second"));
    tool = Command.of("tool").env("PATH", first + ":" + second);
  }

  @Test
  void pathOfTheChild_decides() throws IOException {
    script(second, "tool", EXECUTABLE);

    assertThat(said(tool)).isEqualTo("second");
  }

  @Test
  void firstMatch_wins() throws IOException {
    script(first, "tool", EXECUTABLE);
    script(second, "tool", EXECUTABLE);

    assertThat(said(tool)).isEqualTo("first");
  }

  @Test
  void directoryOfThatName_isPassedOver() throws IOException {
    Files.createDirectory(first.resolve("tool"));
    script(second, "tool", EXECUTABLE);

    assertThat(said(tool)).isEqualTo("second");
  }

  @Test
  void fileThatMayNotBeExecuted_isPassedOver() throws IOException {
    script(first, "tool", "rw-r--r--");
    script(second, "tool", EXECUTABLE);

    assertThat(said(tool)).isEqualTo("second");
  }

  @Test
  void onlyFilesThatMayNotBeExecuted_areEacces() throws IOException {
    script(first, "tool", "rw-r--r--");

    failsWith(tool, "EACCES");
  }

  @Test
  void onlyADirectory_isEacces() throws IOException {
    Files.createDirectory(second.resolve("tool"));

    failsWith(tool, "EACCES");
  }

  @Test
  void nothingOfThatName_isEnoent() {
    failsWith(tool, "ENOENT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "::", ".", "..", "first", "./first", "no/such/directory"})
  void emptyAndRelativeEntries_neverSearchTheCurrentDirectory(String path) throws IOException {
    script(first, "tool", EXECUTABLE);
    script(directory, "tool", EXECUTABLE);

    failsWith(tool.directory(directory).env("PATH", path), "ENOENT");
    failsWith(tool.directory(first).env("PATH", path), "ENOENT");
  }

  @Test
  void emptyEntryBesidesGoodOnes_isPassedOver() throws IOException {
    script(directory, "tool", EXECUTABLE);
    script(second, "tool", EXECUTABLE);
    Command command = tool.directory(directory).env("PATH", ":" + first + "::.:" + second + ":");

    assertThat(said(command)).isEqualTo("second");
  }

  @Test
  void entryThatIsAFile_isPassedOver() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    script(second, "tool", EXECUTABLE);

    assertThat(said(tool.env("PATH", file + ":" + second))).isEqualTo("second");
  }

  @Test
  void childWithoutPath_hasTheUsualDirectories() {
    assertThat(Command.of("echo", "x").withoutEnv("PATH").text().block(Limits.SOON))
        .isEqualTo("x\n");
  }

  @Test
  void relativeProgram_isResolvedFromTheDirectory() throws IOException {
    script(first, "tool", EXECUTABLE);

    assertThat(said(Command.of("./tool").directory(first))).isEqualTo("first");
    assertThat(said(Command.of("first/tool").directory(directory))).isEqualTo("first");
    failsWith(Command.of("./tool").directory(second), "ENOENT");
  }

  @Test
  void relativeProgram_isNotLookedForInPath() throws IOException {
    script(first, "tool", EXECUTABLE);

    failsWith(Command.of("./tool").directory(second).env("PATH", first.toString()), "ENOENT");
  }

  @Test
  void programThatAppearsLater_isFoundByTheSameCommand() throws IOException {
    failsWith(tool, "ENOENT");
    script(second, "tool", EXECUTABLE);

    assertThat(said(tool)).isEqualTo("second");
  }

  @Test
  void emptyDirectory_isTheJvmsOwn() {
    String here = Path.of("").toAbsolutePath().toString();

    assertThat(Command.of("pwd", "-P").directory(Path.of("")).lines().blockLast(Limits.SOON))
        .isEqualTo(here);
  }

  private static String said(Command command) {
    return String.valueOf(command.lines().blockLast(Limits.SOON));
  }

  private static void failsWith(Command command, String errno) {
    StepVerifier.create(command.output())
        .expectErrorSatisfies(
            error -> {
              assertThat(error).isInstanceOf(ProcessStartException.class);
              ProcessStartException failure = (ProcessStartException) error;
              assertThat(failure.reason()).isEqualTo(Reason.EXECUTABLE);
              assertThat(failure.errnoName()).contains(errno);
              assertThat(failure).hasMessageContaining("tool");
            })
        .verify(Limits.SOON);
  }

  /** A program that says the name of its directory. */
  static void script(Path directory, String name, String permissions) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, "#!/bin/sh\necho " + directory.getFileName() + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
