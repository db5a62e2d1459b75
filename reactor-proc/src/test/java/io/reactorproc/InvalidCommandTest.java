/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What cannot be run is refused before anything starts. */
class InvalidCommandTest {
  private static final Command CAT = Command.of("cat");

  @ParameterizedTest(name = "{0}")
  @MethodSource("badValues")
  void badValue_isRefusedByTheCallThatGivesIt(String what, ThrowingCallable call, String says) {
    assertThatThrownBy(call).isInstanceOf(InvalidCommandException.class).hasMessageContaining(says);
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        bad("NUL in the program", () -> Command.of("c\0at"), "an argument holds a NUL"),
        bad("NUL in an argument", () -> Command.of("cat", "a\0b"), "at index 1"),
        bad("NUL in a later argument", () -> CAT.args("x", "a\0"), "at index 1"),
        bad("NUL in argv[0]", () -> CAT.argv0("\0"), "argv[0]"),
        bad("NUL in a script", () -> Command.shell("echo \0"), "an argument"),
        bad("NUL in a variable's name", () -> CAT.env("A\0", "1"), "the name"),
        bad("NUL in a variable's value", () -> CAT.env("A", "1\0"), "variable A"),
        bad("NUL in a removed name", () -> CAT.withoutEnv("A\0"), "the name"),
        bad("empty argv", () -> Command.of(List.of()), "the name of a program"),
        bad("empty program", () -> Command.of(""), "the name of a program"),
        bad("empty name", () -> CAT.env("", "1"), "not empty"),
        bad("= in a name", () -> CAT.env("A=B", "1"), "'A=B'"),
        bad("= in a name of a map", () -> CAT.env(Map.of("=", "1")), "no '='"),
        bad("= in a removed name", () -> CAT.withoutEnv("A="), "no '='"),
        bad("input 2", () -> CAT.input(2, Stdin.empty()), "3 to 255"),
        bad("input 256", () -> CAT.input(256, Stdin.empty()), "3 to 255"),
        bad("output 1", () -> CAT.output(1, Output.standard()), "3 to 255"),
        bad("output -1", () -> CAT.output(-1, Output.standard()), "3 to 255"),
        bad(
            "output that is an input",
            () -> CAT.input(3, Stdin.empty()).output(3, Output.standard()),
            "an input and an output"),
        bad(
            "input that is an output",
            () -> CAT.output(3, Output.standard()).input(3, Stdin.empty()),
            "an input and an output"),
        bad("timeout 0", () -> CAT.timeout(Duration.ZERO), "a timeout"),
        bad("negative timeout", () -> CAT.timeout(Duration.ofNanos(-1)), "a timeout"),
        bad("idle timeout 0", () -> CAT.idleTimeout(Duration.ZERO), "an idle timeout"),
        bad("start timeout 0", () -> CAT.startTimeout(Duration.ZERO), "a start timeout"),
        bad("negative grace", () -> CAT.outputGrace(Duration.ofMillis(-1)), "output grace"),
        bad("negative capture limit", () -> CAT.captureLimit(-1), "capture limit"),
        bad("pipe capacity 0", () -> CAT.pipeCapacity(0), "capacity"),
        bad("tee to nowhere", () -> CAT.stdout(Output.tee()), "target"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("misfits")
  void commandThatDoesNotFitTheWayToRunIt_isAnErrorAndNothingStarts(
      String what, Publisher<?> run, String says) {
    StepVerifier.create(run)
        .verifyErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(InvalidCommandException.class)
                    .hasMessageContaining(says));
    assertThat(ProcessRuntime.shared().liveChildren()).isZero();
  }

  static Stream<Arguments> misfits() {
    Command piped = CAT.stdin(Stdin.pipe());
    Command discarded = CAT.stdout(Output.discard());
    return Stream.of(
        misfit("pipe() with output()", piped, Command::output, "Stdin.pipe()"),
        misfit("pipe() with text()", piped, Command::text, "Stdin.pipe()"),
        misfit("pipe() with bytes()", piped, Command::bytes, "Stdin.pipe()"),
        misfit("pipe() with lines()", piped, Command::lines, "Stdin.pipe()"),
        misfit("pipe() with events()", piped, Command::events, "Stdin.pipe()"),
        misfit("pipe() with exit()", piped, Command::exit, "Stdin.pipe()"),
        misfit("discarded stdout with lines()", discarded, Command::lines, "elsewhere"),
        misfit("discarded stdout with bytes()", discarded, Command::bytes, "elsewhere"),
        misfit(
            "stdout to a file with bytes()",
            CAT.stdout(Output.file(Path.of("x"))),
            Command::bytes,
            "elsewhere"),
        misfit(
            "inherited stdout with lines()",
            CAT.stdout(Output.inherit()),
            Command::lines,
            "elsewhere"),
        misfit("merged stdout", CAT.stdout(Output.stdout()), Command::output, "only stderr can go"),
        misfit(
            "inherited descriptor 3",
            CAT.output(3, Output.inherit()),
            Command::output,
            "only stdin, stdout and stderr"));
  }

  @Test
  void pathOfAnotherFileSystem_isRefused(@TempDir Path directory) throws Exception {
    URI archive = URI.create("jar:" + directory.resolve("a.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Path inside = zip.getPath("/tmp");

      assertThatThrownBy(() -> CAT.directory(inside)).isInstanceOf(InvalidCommandException.class);
      assertThatThrownBy(() -> Stdin.file(inside)).isInstanceOf(InvalidCommandException.class);
      assertThatThrownBy(() -> Output.file(inside)).isInstanceOf(InvalidCommandException.class);
      assertThatThrownBy(() -> Output.append(inside)).isInstanceOf(InvalidCommandException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/no/such/directory", "/etc/passwd", "/etc/passwd/below"})
  void directoryThatIsNone_isAFailedStartWithItsReason(String directory) {
    StepVerifier.create(CAT.directory(Path.of(directory)).output())
        .verifyErrorSatisfies(
            error -> {
              ProcessStartException failure = (ProcessStartException) error;
              assertThat(failure.reason()).isEqualTo(ProcessStartException.Reason.DIRECTORY);
              assertThat(failure).hasMessageContaining(directory);
            });
  }

  private static Arguments bad(String what, ThrowingCallable call, String says) {
    return Arguments.of(what, call, says);
  }

  private static Arguments misfit(
      String what, Command command, Function<Command, Publisher<?>> run, String says) {
    // Deferred: what a way to run refuses, it refuses as an error of its publisher.
    return Arguments.of(what, Flux.defer(() -> run.apply(command)), says);
  }
}
