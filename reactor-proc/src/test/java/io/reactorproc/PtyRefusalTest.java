/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.MemoryFiles;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.TerminalSize;
import io.reactorproc.testkit.EnabledIfFile;
import io.reactorproc.testkit.Proc;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.test.StepVerifier;

/** What makes no sense on a terminal is refused before anything starts, and what fails is told. */
@Timeout(60)
@EnabledIfFile("/dev/ptmx")
class PtyRefusalTest {
  private static final Command CAT = Command.of("cat").pty(80, 24);

  static Stream<UnaryOperator<Command>> nonsense() {
    return Stream.of(
        command -> command.stdin(Stdin.inherit()),
        command -> command.stdin(Stdin.file(Path.of("/dev/null"))),
        command -> command.stdin(Stdin.pipe()),
        command -> command.stdout(Output.discard()),
        command -> command.stdout(Output.inherit()),
        command -> command.stdout(Output.file(Path.of("/dev/null"))),
        Command::inheritProcessGroup);
  }

  @ParameterizedTest
  @MethodSource("nonsense")
  void redirectOfTheTerminal_isRefused(UnaryOperator<Command> change) {
    StepVerifier.create(change.apply(CAT).output())
        .expectError(InvalidCommandException.class)
        .verify(SOON);
    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void placeInAPipeline_isRefusedWhenItIsComposed() {
    assertThatThrownBy(() -> CAT.pipe(Command.of("cat")))
        .isInstanceOf(InvalidCommandException.class)
        .hasMessageContaining("terminal");
    assertThatThrownBy(() -> Command.of("cat").pipe(CAT))
        .isInstanceOf(InvalidCommandException.class);
  }

  @Test
  void sequence_hasThemWhereItsOutputGoesNowhereElse() {
    Command tty = Command.of("tty").pty(80, 24);

    assertThat(tty.then(tty).exit().block(SOON)).isNotNull();
    StepVerifier.create(tty.then(tty).text())
        .expectError(InvalidCommandException.class)
        .verify(SOON);
  }

  @Test
  void size_hasItsLimits() {
    assertThatThrownBy(() -> Pty.of(0, 24)).isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> Pty.of(80, -1)).isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> Command.of("cat").pty(80, 65_536))
        .isInstanceOf(InvalidCommandException.class);
    assertThatThrownBy(() -> TerminalSize.of(70_000, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Pty.of(80, 24).type("")).isInstanceOf(InvalidCommandException.class);
    assertThat(Pty.of(65_535, 65_535).size()).isEqualTo(TerminalSize.of(65_535, 65_535));
  }

  @Test
  void handleWithoutATerminal_saysSo() {
    RunningProcess child = Command.of("true").start().blockOptional(SOON).orElseThrow();

    assertThatThrownBy(child::terminal)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pty");
    child.dispose();
  }

  @ParameterizedTest
  @CsvSource({
    "open, ENOSPC, LIMITS",
    "open, ENOENT, SYSTEM",
    "open, EMFILE, LIMITS",
    "slave, ENOTTY, SYSTEM",
    "attributes, EIO, SYSTEM",
    "setAttributes, EIO, SYSTEM",
    "setSize, EIO, SYSTEM"
  })
  void callThatFails_isOneErrorAndLeavesNothing(String call, Errno errno, Reason reason) {
    FaultyTerminals terminals = new FaultyTerminals();
    ProcessRuntime runtime =
        new ProcessRuntime(
            EventLoops.shared(),
            new FaultyKernel(),
            ExitWatch.Factory.pidfd(),
            terminals,
            Sockets.system(),
            MemoryFiles.system());
    terminals.fail(call, errno);

    StepVerifier.create(CAT.on(runtime).output())
        .expectErrorSatisfies(
            error -> {
              ProcessStartException failure = (ProcessStartException) error;
              assertThat(failure.reason()).isEqualTo(reason);
              assertThat(failure.errnoName()).contains(errno.name());
            })
        .verify(SOON);
    assertThat(Proc.children()).isEmpty();
    assertThat(Proc.descriptors().values()).noneMatch(name -> name.endsWith("/ptmx"));

    terminals.fail("nothing", errno);
    assertThat(CAT.on(runtime).text().block(SOON)).isEmpty();
  }

  @Test
  void everyCallOfTheKernelThatFails_isOneErrorAndLeavesNothing() {
    FaultyKernel kernel = new FaultyKernel();
    ProcessRuntime runtime =
        new ProcessRuntime(EventLoops.shared(), kernel, ExitWatch.Factory.pidfd());
    Command command = Command.of("/bin/true").pty(80, 24).on(runtime);
    command.text().block(SOON); // opens what is kept
    kernel.failAt(-1, Errno.EIO);
    command.text().block(SOON);
    List<String> calls = kernel.calls();
    assertThat(calls).contains("open", "duplicate", "spawn", "pidfdOpen");

    for (int i = 0; i < calls.size(); i++) {
      kernel.failAt(i, Errno.EMFILE);
      try {
        command.text().block(SOON);
      } catch (RuntimeException failed) {
        assertThat(failed).hasCauseInstanceOf(ProcessStartException.class);
      }
      assertThat(Proc.children()).isEmpty();
      assertThat(Proc.descriptors().values()).noneMatch(name -> name.endsWith("/ptmx"));
    }
  }

  @Test
  void programThatIsMissing_leavesNoTerminal() {
    StepVerifier.create(Command.of("no-such-program").pty(80, 24).text())
        .expectErrorSatisfies(
            error ->
                assertThat(((ProcessStartException) error).reason()).isEqualTo(Reason.EXECUTABLE))
        .verify(SOON);
    assertThat(Proc.descriptors().values()).noneMatch(name -> name.endsWith("/ptmx"));
  }
}
