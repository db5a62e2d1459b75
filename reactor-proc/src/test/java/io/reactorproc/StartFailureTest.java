/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessStartException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.StepVerifier;

/** A start that fails says which error it was and what it is about. */
class StartFailureTest {
  @TempDir Path directory;

  @Test
  void missingProgram_isEnoent() {
    fails(Command.of("/no/such/program"), Reason.EXECUTABLE, "ENOENT", "/no/such/program");
  }

  @Test
  void programBelowAFile_isEnotdir() {
    fails(Command.of("/etc/passwd/tool"), Reason.EXECUTABLE, "ENOTDIR", "/etc/passwd/tool");
  }

  @Test
  void programThatMayNotBeExecuted_isEacces() {
    fails(Command.of("/etc/passwd"), Reason.EXECUTABLE, "EACCES", "/etc/passwd");
  }

  @Test
  void directoryAsProgram_isEacces() {
    fails(Command.of(directory + "/"), Reason.EXECUTABLE, "EACCES", directory.toString());
  }

  @Test
  void scriptWithoutFirstLine_isEnoexecAndSaysWhatToDo() throws IOException {
    Path script = executable("plain", "echo x\n");

    fails(Command.of(script.toString()), Reason.EXECUTABLE, "ENOEXEC", "Command.shell");
  }

  @Test
  void missingInterpreter_isSaidToBeThat() throws IOException {
    Path script = executable("script", "#!/no/such/interpreter\n");

    fails(Command.of(script.toString()), Reason.INTERPRETER, "ENOENT", "interpreter");
  }

  @Test
  void missingInterpreterOfARelativeProgram_isSaidToBeThat() throws IOException {
    executable("script", "#!/no/such/interpreter\n");
    Command command = Command.of("./script").directory(directory);

    fails(command, Reason.INTERPRETER, "ENOENT", "interpreter");
  }

  @Test
  void missingInterpreterOfAProgramInPath_isSaidToBeThat() throws IOException {
    executable("script", "#!/no/such/interpreter\n");
    Command command = Command.of("script").env("PATH", directory.toString());

    fails(command, Reason.INTERPRETER, "ENOENT", "interpreter");
  }

  @Test
  void interpreterThatMayNotBeExecuted_isEacces() throws IOException {
    Path script = executable("script", "#!/etc/passwd\n");

    fails(Command.of(script.toString()), Reason.EXECUTABLE, "EACCES", "script");
  }

  @Test
  void argumentOf128KiB_isE2big() {
    Command command = Command.of("true", "x".repeat(128 * 1024));

    fails(command, Reason.ARGUMENTS, "E2BIG", "arguments and environment are too long");
  }

  @Test
  void environmentOf8MiB_isE2big() {
    Command command = Command.of("true");
    for (int i = 0; i < 80; i++) {
      command = command.env("LARGE" + i, "x".repeat(100_000));
    }

    fails(command, Reason.ARGUMENTS, "E2BIG", "too long");
  }

  @Test
  void linkToItself_isEloop() throws IOException {
    Path link = directory.resolve("link");
    Files.createSymbolicLink(link, link);

    fails(Command.of(link.toString()), Reason.EXECUTABLE, "ELOOP", "link");
  }

  @Test
  void nameOf300Bytes_isEnametoolong() {
    String name = "x".repeat(300);

    fails(Command.of("/" + name), Reason.EXECUTABLE, "ENAMETOOLONG", name);
    fails(Command.of(name), Reason.EXECUTABLE, "ENAMETOOLONG", "looked for in PATH");
  }

  @Test
  void missingFileForStdin_isSaidToBeThat() {
    Path missing = directory.resolve("missing");

    fails(Command.of("cat").stdin(Stdin.file(missing)), Reason.REDIRECT, "ENOENT", "missing");
  }

  @Test
  void fileInAMissingDirectory_isSaidToBeThat() {
    Command command = Command.of("true").stdout(Output.file(directory.resolve("no/file")));

    fails(command, Reason.REDIRECT, "ENOENT", "no/file");
  }

  @Test
  void directoryAsOutputFile_isEisdir() {
    fails(
        Command.of("true").stderr(Output.append(directory)),
        Reason.REDIRECT,
        "EISDIR",
        directory.toString());
  }

  @Test
  void failure_carriesTheCommandAsAShellWouldWriteIt() {
    StepVerifier.create(Command.of("/no/such/program", "a b").exit())
        .expectErrorSatisfies(
            error ->
                assertThat(((ProcessStartException) error).command())
                    .isEqualTo("/no/such/program 'a b'"))
        .verify(Limits.SOON);
  }

  @Test
  void fileNameThatIsNoText_isOpenedAllTheSame() {
    Path odd = oddlyNamed("odd\u00ff.txt");

    assertThat(Command.of("cat").stdin(Stdin.file(odd)).text().block(Limits.SOON)).isEqualTo("x\n");
  }

  @Test
  void directoryNameThatIsNoText_isEnteredAllTheSame() {
    Path odd = oddlyNamed("dir\u00fe\u00e9/file");
    Path parent = Objects.requireNonNull(odd.getParent());

    assertThat(Command.of("cat", "file").directory(parent).text().block(Limits.SOON))
        .isEqualTo("x\n");
  }

  /** A file whose name has these Latin-1 bytes, made by a shell and found again by listing. */
  private Path oddlyNamed(String latin1) {
    StringBuilder octal = new StringBuilder();
    for (byte b : latin1.getBytes(StandardCharsets.ISO_8859_1)) {
      octal.append(String.format("\\%03o", b & 0xff));
    }
    Command.shell("f=$(printf '" + octal + "'); mkdir -p \"$(dirname \"$f\")\"; echo x >\"$f\"")
        .directory(directory)
        .output()
        .block(Limits.SOON);
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path executable(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void fails(Command command, Reason reason, String errno, String says) {
    StepVerifier.create(command.output())
        .expectErrorSatisfies(
            error -> {
              assertThat(error).isInstanceOf(ProcessStartException.class);
              ProcessStartException failure = (ProcessStartException) error;
              assertThat(failure.reason()).isEqualTo(reason);
              assertThat(failure.errnoName()).contains(errno);
              assertThat(failure).hasMessageContaining(errno).hasMessageContaining(says);
            })
        .verify(Limits.SOON);
  }
}
