/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.TerminalControl;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

/**
 * What {@link ForegroundTest} runs in a JVM with a terminal: fails there, and reports to a file.
 */
final class ForegroundScenarios {
  /**
   * Its line tells its process group and that of the terminal's foreground, where the child is from
   * its beginning on, or soon.
   */
  private static final String STAT =
      Capabilities.get().foreground()
          ? "cat /proc/$$/stat"
          : "until set -- $(cat /proc/$$/stat) && test $5 = $8; do :; done; cat /proc/$$/stat";

  private static final Command RAW = Command.shell("stty raw -echo; exec sleep 1000").foreground();

  private static final TerminalControl TERMINALS = TerminalControl.system();

  private final int terminal;
  private final byte[] modes;
  private final int owner;

  private ForegroundScenarios(int terminal) throws SystemCallException {
    this.terminal = terminal;
    this.modes = TERMINALS.modes(terminal);
    this.owner = TERMINALS.foregroundGroup(terminal);
  }

  /** Runs one, or all that need no help from outside, and writes "good" or what went wrong. */
  public static void main(String[] reportAndName) throws IOException {
    StringBuilder outcome = new StringBuilder();
    try {
      Kernel kernel = Kernel.system();
      int number = kernel.open("/dev/tty\0".getBytes(StandardCharsets.US_ASCII), 2, 0, "test");
      try (Descriptor terminal = Descriptor.own(kernel, number)) {
        ForegroundScenarios scenarios = new ForegroundScenarios(terminal.number());
        scenarios
            .named(reportAndName[1])
            .forEach(
                (name, scenario) -> {
                  try {
                    scenario.run();
                    scenarios.assertGivenBack();
                  } catch (Exception | Error e) {
                    StringWriter trace = new StringWriter();
                    e.printStackTrace(new PrintWriter(trace));
                    outcome.append(name).append(": ").append(trace).append('\n');
                  }
                });
      }
    } catch (Exception e) {
      outcome.append(e);
    }
    Files.writeString(
        Path.of(reportAndName[0]), outcome.length() == 0 ? "good" : outcome.toString());
    System.exit(outcome.length() == 0 ? 0 : 1);
  }

  private interface Scenario {
    void run() throws Exception;
  }

  private Map<String, Scenario> named(String name) {
    Map<String, Scenario> chosen = new LinkedHashMap<>();
    switch (name) {
      case "reading" -> chosen.put(name, this::reading);
      case "interrupted" -> chosen.put(name, this::interrupted);
      case "leaving" -> chosen.put(name, this::leaving);
      case "background" -> {
        chosen.put("background", () -> assertThat(owner).isNotEqualTo(ourGroup()));
        chosen.put("childIsThereBeforeItBegins", this::childIsThereBeforeItBegins);
        chosen.put("killedChild", this::killedChild);
      }
      default -> {
        chosen.put("childIsThereBeforeItBegins", this::childIsThereBeforeItBegins);
        chosen.put("stdioIsTheTerminals", this::stdioIsTheTerminals);
        chosen.put("modesThatTheChildLeft", this::modesThatTheChildLeft);
        chosen.put("killedChild", this::killedChild);
        chosen.put("cancelledRun", this::cancelledRun);
        chosen.put("failedStart", this::failedStart);
        chosen.put("stopAndResume", this::stopAndResume);
        chosen.put("pauseAndTermination", this::pauseAndTermination);
        chosen.put("stopWithoutAHandle", this::stopWithoutAHandle);
        chosen.put("secondOne", this::secondOne);
        chosen.put("pipeline", this::pipeline);
        chosen.put("pipelineThatStops", this::pipelineThatStops);
      }
    }
    return chosen;
  }

  private static int ourGroup() {
    return ProcStat.group(Proc.self());
  }

  private void assertGivenBack() throws SystemCallException {
    assertThat(TERMINALS.foregroundGroup(terminal)).as("foreground").isEqualTo(owner);
    assertThat(TERMINALS.modes(terminal)).as("modes").isEqualTo(modes);
  }

  private boolean hasOtherModes() {
    try {
      return !Arrays.equals(modes, TERMINALS.modes(terminal));
    } catch (SystemCallException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitOtherModes() {
    Await.until("the child has set its modes", this::hasOtherModes);
  }

  private static void assertInForeground(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    assertThat(fields[5]).as("foreground group, in " + stat).isEqualTo(fields[2]);
  }

  private static RunningProcess start(Command command) {
    return Objects.requireNonNull(command.start().block(SOON));
  }

  void childIsThereBeforeItBegins() throws SystemCallException {
    for (int i = 0; i < 20; i++) {
      assertInForeground(
          Objects.requireNonNull(Command.shell(STAT).foreground().text().block(SOON)));
      assertGivenBack();
    }
  }

  void stdioIsTheTerminals() {
    Command checks = Command.shell("test -t 0 && test -t 1 && test -t 2").foreground();
    assertThat(checks.exit().block(SOON)).matches(ExitStatus::isSuccess);
    assertThat(checks.stdin(Stdin.empty()).exit().block(SOON))
        .as("with another stdin")
        .matches(status -> status.is(1));
    ChildDescriptorsTest.whileRunning(
        Command.of("sleep", "1000").foreground(),
        pid -> assertThat(Proc.descriptors(pid)).containsOnlyKeys(0, 1, 2));
  }

  void modesThatTheChildLeft() {
    assertThat(Command.shell("stty raw -echo").foreground().exit().block(SOON))
        .matches(ExitStatus::isSuccess);
  }

  void killedChild() {
    RunningProcess running = start(RAW);
    awaitOtherModes();

    running.terminate(Termination.kill());

    assertThat(running.exit().block(SOON)).hasToString("SIGKILL");
  }

  void cancelledRun() {
    Disposable run = RAW.exit().subscribe();
    awaitOtherModes();

    run.dispose();

    Await.until("it is given back", () -> !hasOtherModes());
    Await.until("it is reaped", () -> ProcessRuntime.shared().liveChildren() == 0);
  }

  /** The child had the terminal already when its exec failed. */
  void failedStart() throws IOException {
    Path script =
        Files.createTempFile(
            "no-interpreter",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    try {
      Files.writeString(script, "#!/no/such/interpreter\n");
      StepVerifier.create(Command.of(script.toString()).foreground().exit())
          .verifyErrorSatisfies(e -> assertReason(e, Reason.INTERPRETER));
    } finally {
      Files.delete(script);
    }
    StepVerifier.create(
            Command.of("sleep", "1000").pipe(Command.of("/no/such/program")).foreground().exit())
        .verifyErrorSatisfies(e -> assertReason(e, Reason.EXECUTABLE));
  }

  private static void assertReason(Throwable error, Reason reason) {
    assertThat(error).isInstanceOf(ProcessStartException.class);
    assertThat(((ProcessStartException) error).reason()).isEqualTo(reason);
  }

  void stopAndResume() throws SystemCallException {
    RunningProcess running =
        start(
            Command.shell("stty -echo; kill -STOP $$; " + STAT + "; stty -a; exit 4")
                .stdout(Output.standard())
                .foreground());

    ProcessEvent stop = running.jobChanges().blockFirst(SOON);
    assertThat(stop).isInstanceOf(ProcessEvent.Stopped.class);
    assertGivenBack(); // when that is told, and not only some time later

    assertThat(running.resume().block(SOON)).isTrue();
    List<String> lines = Objects.requireNonNull(running.lines().collectList().block(SOON));
    assertInForeground(lines.get(0));
    assertThat(String.join(" ", lines)).contains(" -echo ");
    assertThat(running.exit().block(SOON)).matches(status -> status.is(4));
  }

  void pauseAndTermination() throws SystemCallException {
    RunningProcess running = start(RAW);
    awaitOtherModes();

    assertThat(running.pause().block(SOON)).isTrue();
    assertGivenBack();
    assertThat(running.resume().block(SOON)).isTrue();
    awaitOtherModes();
    assertThat(TERMINALS.foregroundGroup(terminal)).isEqualTo(running.pid().orElseThrow());
    assertThat(running.pause().block(SOON)).isTrue();
    running.terminate();

    assertThat(running.exit().block(SOON)).hasToString("SIGTERM");
  }

  void stopWithoutAHandle() {
    assertThat(Command.shell("kill -TSTP $$; test -t 0; exit 7").foreground().exit().block(SOON))
        .matches(status -> status.is(7));
  }

  void secondOne() throws SystemCallException {
    RunningProcess first = start(RAW);
    awaitOtherModes();
    StepVerifier.create(Command.of("true").foreground().exit())
        .verifyErrorSatisfies(e -> assertReason(e, Reason.TERMINAL));
    assertThat(TERMINALS.foregroundGroup(terminal)).isEqualTo(first.pid().orElseThrow());

    assertThat(first.pause().block(SOON)).isTrue();
    RunningProcess second = start(RAW);
    assertThatThrownBy(() -> first.resume().block(SOON))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("foreground");
    second.dispose();
    second.exit().block(SOON);
    first.dispose();
    first.exit().block(SOON);
  }

  void pipeline() {
    String both =
        Command.shell(STAT + "; test -t 0 && echo terminal")
            .pipe(Command.shell("cat; " + STAT + "; test -t 2 && echo terminal"))
            .foreground()
            .text()
            .block(SOON);

    List<String> lines = Objects.requireNonNull(both).lines().toList();
    assertThat(lines).hasSize(4).filteredOn("terminal"::equals).hasSize(2);
    assertInForeground(lines.get(0));
    assertInForeground(lines.get(2));
  }

  void pipelineThatStops() throws SystemCallException {
    List<String> lines = new ArrayList<>();
    RunningPipeline running =
        Objects.requireNonNull(
            Command.of("cat")
                .stdin(Stdin.pipe())
                .pipe(Command.shell("kill -TSTP 0; " + STAT).stdout(Output.standard()))
                .foreground()
                .start()
                .block(SOON));
    running.lines().subscribe(lines::add);

    assertThat(running.jobChanges().take(2).map(PipelineEvent::event).collectList().block(SOON))
        .hasSize(2)
        .allMatch(ProcessEvent.Stopped.class::isInstance);
    assertGivenBack();
    assertThat(running.resume().block(SOON)).isTrue();
    running.stdin().close().block(SOON);

    assertThat(running.exit().block(SOON)).isNotNull();
    Await.until("it said all", () -> lines.size() == 1);
    assertInForeground(lines.get(0));
  }

  /** The test types. */
  void reading() {
    assertThat(Command.shell("read -r line; printf %s \"$line\"").foreground().text().block(SOON))
        .isEqualTo("typed");
  }

  /** The test presses Ctrl-C, which is the child's and not this JVM's. */
  void interrupted() {
    assertThat(Command.shell("echo ready; exec sleep 1000").foreground().exit().block(SOON))
        .matches(status -> status.signal().filter(Signal.SIGINT::equals).isPresent());
  }

  /** The end of the JVM ends the child, and gives the terminal back before it is over. */
  void leaving() throws IOException {
    start(RAW);
    awaitOtherModes();
    System.exit(0);
  }
}
