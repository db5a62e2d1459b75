/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ProcessEvent.Exited;
import io.reactorproc.ProcessEvent.Line;
import io.reactorproc.ProcessEvent.OutputEnded;
import io.reactorproc.ProcessEvent.Started;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.sys.TerminalSize;
import io.reactorproc.testkit.EnabledIfFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What a child on a terminal of its own is given, in each way to run. */
@Timeout(60)
@EnabledIfFile("/dev/ptmx")
class PtyTest {
  private static Command sh(String script) {
    return Command.shell(script).pty(100, 40);
  }

  private static List<String> lines(Command command) {
    return command.lines().collectList().blockOptional(SOON).orElseThrow();
  }

  @Test
  void stdinStdoutAndStderr_areOneTerminalOfThatSize() {
    List<String> lines = lines(sh("tty; tty <&1; tty <&2; stty size"));

    assertThat(lines).hasSize(4).last().isEqualTo("40 100");
    assertThat(lines.get(0)).startsWith("/dev/pts/");
    assertThat(lines.subList(0, 3)).containsOnly(lines.get(0));
  }

  @Test
  void child_leadsASessionWhoseControllingTerminalThisIs() {
    // pid, then group, session, terminal and its foreground group of proc(5)'s stat
    List<String> lines = lines(sh("echo $$; cut -d' ' -f5-8 /proc/$$/stat; echo here >/dev/tty"));

    String pid = lines.get(0);
    String[] fields = lines.get(1).split(" ", -1);
    assertThat(fields[0]).isEqualTo(pid);
    assertThat(fields[1]).isEqualTo(pid);
    assertThat(fields[2]).isNotEqualTo("0");
    assertThat(fields[3]).isEqualTo(pid);
    assertThat(lines.get(2)).isEqualTo("here");
  }

  @Test
  void child_hasNoOtherDescriptors() {
    assertThat(lines(sh("ls /proc/$$/fd"))).containsExactly("0  1  2");
  }

  @Test
  void pixels_belongToTheSize() {
    Pty pty = Pty.of(new TerminalSize(80, 24, 640, 480));
    RunningProcess child = Command.of("cat").pty(pty).start().blockOptional(SOON).orElseThrow();

    assertThat(child.terminal().size().block(SOON)).isEqualTo(new TerminalSize(80, 24, 640, 480));
    child.dispose();
  }

  @Test
  void mode_isSetBeforeTheChildRuns() {
    String ask =
        "stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(echo|icanon|isig|opost|iutf8)' | sort";

    assertThat(lines(Command.shell(ask).pty(80, 24)))
        .containsExactlyInAnyOrder("echo", "icanon", "isig", "iutf8", "opost");
    assertThat(lines(Command.shell(ask).pty(Pty.of(80, 24).withoutEcho())))
        .contains("-echo", "icanon", "isig");
    assertThat(lines(Command.shell(ask).pty(Pty.of(80, 24).raw())))
        .contains("-echo", "-icanon", "-isig", "-opost");
    assertThat(lines(Command.shell(ask).pty(Pty.of(80, 24).mode(TerminalMode.raw().withEcho()))))
        .contains("echo", "-icanon");
  }

  @Test
  void type_isThatOfTheEnvironmentOrTheUsualOneOrTheOneThatWasSet() {
    Command ask = Command.of("/bin/sh", "-c", "echo \"[$TERM]\"").pty(80, 24);

    assertThat(ask.clearEnv().text().block(SOON)).isEqualTo("[xterm-256color]\r\n");
    assertThat(ask.env("TERM", "vt100").text().block(SOON)).isEqualTo("[vt100]\r\n");
    assertThat(ask.withoutEnv("TERM").text().block(SOON)).isEqualTo("[]\r\n");
    assertThat(ask.env("TERM", "vt100").pty(Pty.of(80, 24).type("dumb")).text().block(SOON))
        .isEqualTo("[dumb]\r\n");
  }

  @Test
  void sizeOfAnotherTerminal_isNotInherited() {
    Command inner =
        Command.of("/bin/sh", "-c", "env | grep -cE '^(COLUMNS|LINES)='")
            .success(ExitPolicy.any())
            .pty(80, 24);

    assertThat(inner.text().block(SOON)).isEqualTo("0\r\n");
    assertThat(inner.env("COLUMNS", "9").text().block(SOON)).isEqualTo("1\r\n");
  }

  @Test
  void output_isCapturedWithStderrInTrueOrder() {
    ProcessResult result =
        sh("echo 1; echo 2 >&2; echo 3").output().blockOptional(SOON).orElseThrow();

    assertThat(result.stdoutText()).isEqualTo("1\r\n2\r\n3\r\n");
    assertThat(result.stderrText()).isEmpty();
    assertThat(result.summary(1).orElseThrow().end()).isEqualTo(StreamEnd.END_OF_FILE);
  }

  @Test
  void lines_comeWithoutTheCarriageReturn() {
    assertThat(lines(sh("echo a; echo b"))).containsExactly("a", "b");
  }

  @Test
  void bytes_areAsTheyWereWrittenInRawMode() {
    Flux<ByteBuf> bytes = Command.shell("printf 'a\\nb'").pty(Pty.of(80, 24).raw()).bytes();

    String text =
        bytes
            .map(
                chunk -> {
                  String piece = chunk.toString(StandardCharsets.UTF_8);
                  chunk.release();
                  return piece;
                })
            .collect(Collectors.joining())
            .block(SOON);

    assertThat(text).isEqualTo("a\nb");
  }

  @Test
  void events_tellTheWholeLife() {
    StepVerifier.create(sh("echo a; exit 3").success(ExitPolicy.any()).lineEvents())
        .expectNextMatches(event -> event instanceof Started)
        .expectNextMatches(event -> event instanceof Line line && line.text().equals("a"))
        .thenConsumeWhile(event -> event instanceof OutputEnded)
        .expectNextMatches(event -> event instanceof Exited exited && exited.status().is(3))
        .thenConsumeWhile(event -> event instanceof OutputEnded)
        .expectComplete()
        .verify(SOON);
    assertThat(sh("echo a").events().last().block(SOON))
        .isInstanceOfAny(Exited.class, OutputEnded.class);
  }

  @Test
  void exit_readsAndDropsWhatIsWritten() {
    assertThat(sh("seq 1 50000; exit 4").exit().blockOptional(SOON).orElseThrow().code())
        .hasValue(4);
  }

  @Test
  void failure_carriesTheEndOfWhatTheTerminalShowed() {
    StepVerifier.create(sh("echo complaint >&2; exit 1").exit().then(sh("echo why; exit 1").text()))
        .expectErrorSatisfies(
            error -> assertThat(((ProcessExitException) error).stderr().text()).contains("why"))
        .verify(SOON);
  }

  @Test
  void stderr_mayGoElsewhere(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("err");

    String out =
        sh("tty >/dev/null && echo out; echo err >&2").stderr(Output.file(file)).text().block(SOON);

    assertThat(out).isEqualTo("out\r\n");
    assertThat(Files.readString(file)).isEqualTo("err\n");
  }

  @Test
  void stdout_mayBeTeed(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("copy");

    String out = sh("echo out").stdout(Output.tee(OutputTarget.file(file))).text().block(SOON);

    assertThat(out).isEqualTo("out\r\n");
    assertThat(Files.readString(file)).isEqualTo("out\r\n");
  }

  @Test
  void furtherDescriptors_workBesideTheTerminal() {
    ProcessResult result =
        sh("cat <&3 >&4")
            .input(3, Stdin.text("three"))
            .output(4, Output.standard())
            .output()
            .blockOptional(SOON)
            .orElseThrow();

    assertThat(new String(result.output(4), StandardCharsets.UTF_8)).isEqualTo("three");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\n", "a\nb", "a"})
  void input_isTypedAndEndsWhereItEnds(String typed) {
    Command cat = Command.of("cat").pty(Pty.of(80, 24).withoutEcho());

    assertThat(cat.stdin(Stdin.text(typed)).text().block(SOON))
        .isEqualTo(typed.replace("\n", "\r\n"));
  }

  @Test
  void nothingAtAll_isAnEmptyInput() {
    assertThat(Command.of("cat").pty(80, 24).text().block(SOON)).isEmpty();
    assertThat(Command.of("cat").pty(80, 24).stdin(Stdin.empty()).exit().block(SOON))
        .matches(ExitStatus::isSuccess);
  }

  @Test
  void echo_bringsBackWhatWasTyped() {
    String text = Command.of("cat").pty(80, 24).stdin(Stdin.text("a\n")).text().block(SOON);

    assertThat(text).isEqualTo("a\r\na\r\n");
  }

  @Test
  void longOutput_isNeitherCutNorMixed() {
    String text = Command.of("seq", "1", "200000").pty(80, 24).text().block(SOON);

    assertThat(text).isNotNull().hasLineCount(200_000).endsWith("\r\n200000\r\n");
    assertThat(text.lines().mapToLong(Long::parseLong).sum()).isEqualTo(200_000L * 200_001 / 2);
  }

  /** 20 MB in raw mode: the kernel takes a few KiB at a time and says when it has room again. */
  @Test
  void longInput_arrivesWhole() {
    byte[] block = new byte[64 * 1024];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (i * 31);
    }
    Flux<ByteBuf> blocks = Flux.range(0, 320).map(i -> Unpooled.wrappedBuffer(block));
    Command count =
        Command.shell("head -c " + 320 * block.length + " | cksum").stdin(Stdin.publisher(blocks));

    String through = count.pty(Pty.of(80, 24).raw()).text().block(SOON);

    assertThat(through).isEqualTo(count.text().block(SOON));
  }

  @Test
  void timeout_endsEvenAnInteractiveShell() {
    Command shell =
        Command.shell("trap '' TERM; echo ready; while :; do sleep 1000; done")
            .pty(80, 24)
            .timeout(Duration.ofMillis(200))
            .termination(Termination.graceful(Duration.ofMillis(50)));

    StepVerifier.create(shell.output())
        .expectErrorSatisfies(
            error ->
                assertThat(((ProcessExitException) error).reason())
                    .isEqualTo(ProcessExitException.Reason.TIMEOUT))
        .verify(SOON);
    StepVerifier.create(shell.lines())
        .expectNext("ready")
        .expectError(ProcessExitException.class)
        .verify(SOON);
  }

  @Test
  void idleTimeout_countsFromTheLastOutput() {
    StepVerifier.create(
            Command.shell("echo ready; sleep 1000")
                .pty(80, 24)
                .idleTimeout(Duration.ofMillis(200))
                .lines())
        .expectNext("ready")
        .expectErrorSatisfies(
            error ->
                assertThat(((ProcessExitException) error).reason())
                    .isEqualTo(ProcessExitException.Reason.IDLE_TIMEOUT))
        .verify(SOON);
  }

  @Test
  void captureLimit_endsTheChild() {
    StepVerifier.create(Command.of("yes").pty(80, 24).captureLimit(1000).output())
        .expectErrorSatisfies(
            error ->
                assertThat(((ProcessExitException) error).reason())
                    .isEqualTo(ProcessExitException.Reason.CAPTURE_LIMIT))
        .verify(SOON);
  }

  @Test
  void detachedChild_isOneToo() {
    assertThat(lines(sh("tty").detached())).hasSize(1).first().asString().startsWith("/dev/pts/");
  }
}
