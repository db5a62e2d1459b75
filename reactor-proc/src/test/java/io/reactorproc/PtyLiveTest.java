/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ProcessEvent.OutputEnded;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.sys.TerminalSize;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.EnabledIfFile;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.StepVerifier;

/** A live terminal: size, mode, keys, hang-up, and who is still there at the end. */
@Timeout(60)
@EnabledIfFile("/dev/ptmx")
class PtyLiveTest {
  private static RunningProcess start(Command command) {
    return command.start().blockOptional(SOON).orElseThrow();
  }

  private static RunningProcess sh(String script) {
    return start(Command.shell(script).pty(Pty.of(80, 24).withoutEcho()));
  }

  private static ExitStatus exit(RunningProcess child) {
    return child.exit().blockOptional(SOON).orElseThrow();
  }

  @Test
  void resize_isSeenByTheChildAsSigwinch() {
    RunningProcess child =
        sh("trap 'stty size' WINCH; sleep 1000 & echo ready; while :; do wait; done");
    try (Shown shown = new Shown(child)) {
      shown.await("ready");

      assertThat(child.terminal().resize(120, 50).block(SOON)).isTrue();

      shown.await("50 120");
      assertThat(child.terminal().size().block(SOON)).isEqualTo(TerminalSize.of(120, 50));
      child.dispose();
    }
    assertThat(exit(child).isSuccess()).isFalse();
  }

  @Test
  void sizeThatTheChildSets_isSeenHere() {
    RunningProcess child = sh("stty cols 90 rows 30; echo done; cat");
    try (Shown shown = new Shown(child)) {
      shown.await("done");
      assertThat(child.terminal().size().block(SOON)).isEqualTo(TerminalSize.of(90, 30));
    }
    child.dispose();
  }

  @Test
  void echoAndMode_areSwitchedWhileItRuns() {
    RunningProcess cat = start(Command.of("cat").pty(80, 24));
    ProcessTerminal terminal = cat.terminal();
    try (Shown shown = new Shown(cat)) {
      assertThat(terminal.mode().block(SOON)).isEqualTo(TerminalMode.cooked());
      cat.stdin().write("seen\n").block(SOON);
      shown.await("seen\r\nseen\r\n");

      terminal.mode(TerminalMode.cooked().withoutEcho()).block(SOON);
      cat.stdin().write("hidden\n").block(SOON);
      shown.await("hidden\r\n");
      assertThat(shown.toString()).doesNotContain("hidden\r\nhidden");

      terminal.mode(TerminalMode.raw()).block(SOON);
      assertThat(terminal.mode().block(SOON)).isEqualTo(TerminalMode.raw());
      cat.stdin().write("no line").block(SOON);
      shown.await("no line");
    }
    cat.dispose();
  }

  @Test
  void passwordPrompt_isKnownByTheEchoThatIsOff() {
    RunningProcess child =
        start(Command.shell("stty -echo; echo ask; read x; echo got $x").pty(80, 24));
    try (Shown shown = new Shown(child)) {
      shown.await("ask");
      assertThat(child.terminal().mode().block(SOON))
          .isEqualTo(TerminalMode.cooked().withoutEcho());
      child.stdin().write("word\n").block(SOON);
      shown.await("got word");
    }
    child.dispose();
  }

  @Test
  void interruptAndQuit_areSignalsToTheForeground() {
    RunningProcess child =
        sh(
            "trap 'echo int' INT; trap 'exit 5' QUIT; sleep 1000 & echo ready; while :; do wait; done");
    try (Shown shown = new Shown(child)) {
      shown.await("ready");

      assertThat(child.terminal().interrupt().block(SOON)).isTrue();
      shown.await("int");
      assertThat(child.terminal().quit().block(SOON)).isTrue();

      assertThat(exit(child).code()).hasValue(5);
    }
    child.dispose();
  }

  /** 500 KB are more than a terminal takes from a program that does not read. */
  @Test
  void interrupt_worksWhereTheTerminalIsFullAndWritingGoesOnAfterwards() {
    RunningProcess child =
        sh("trap 'echo caught; exec cat >/dev/null' INT; sleep 1000 & echo ready; wait");
    try (Shown shown = new Shown(child)) {
      shown.await("ready");
      CompletableFuture<WriteOutcome> writing =
          child.stdin().write("line\n".repeat(100_000)).toFuture();
      assertThat(child.terminal().size().block(SOON)).isNotNull(); // by then it has been tried
      assertThat(writing).isNotDone();

      assertThat(child.terminal().interrupt().block(SOON)).isTrue();

      shown.await("caught");
      assertThat(writing).succeedsWithin(SOON).matches(outcome -> !outcome.readerGone());
    }
    child.dispose();
  }

  @Test
  void endOfInput_endsAReaderAndNotTheTerminal() {
    RunningProcess child = sh("cat; echo again; cat; echo end");
    try (Shown shown = new Shown(child)) {
      child.stdin().write("one\n").block(SOON);
      child.terminal().endOfInput().block(SOON);
      shown.await("again");
      WriteOutcome unfinished = child.stdin().write("two").block(SOON);
      assertThat(unfinished).isNotNull().matches(outcome -> !outcome.readerGone());
      child.stdin().close().block(SOON);
      shown.await("two");
      shown.await("end");
    }
    assertThat(exit(child).isSuccess()).isTrue();
    child.dispose();
  }

  /** What an interrupt drops needs no end: the second one would be the end of the next input. */
  @Test
  void endOfInputAfterAnInterrupt_isPressedOnce() {
    RunningProcess child = sh("trap : INT; cat; echo one; cat; echo two; cat; echo three");
    try (Shown shown = new Shown(child)) {
      child.stdin().write("first\n").block(SOON);
      shown.await("first"); // by cat, which is there then
      child.stdin().write("unfinished").block(SOON);
      child.terminal().interrupt().block(SOON);
      shown.await("one"); // SIGINT has ended the first cat
      child.terminal().endOfInput().block(SOON);
      shown.await("two");
      child.stdin().write("read\n").block(SOON);
      shown.await("read");
      assertThat(shown.toString()).doesNotContain("three", "unfinished");
    }
    child.dispose();
  }

  @Test
  void unreadOutput_neverBlocksTheExitAndIsDeliveredByDemandToTheLastByte() {
    RunningProcess child = sh("head -c 9000 /dev/zero; exit 3");

    assertThat(exit(child).code()).hasValue(3);

    Long bytes =
        child
            .stdout()
            .map(
                chunk -> {
                  long size = chunk.readableBytes();
                  chunk.release();
                  return size;
                })
            .limitRate(1) // FIONREAD is 0 between two pieces, and nobody asks for the next yet
            .reduce(0L, Long::sum)
            .block(SOON);
    assertThat(bytes).isEqualTo(9000);
  }

  @Test
  void demand_reachesTheTerminal() {
    RunningProcess child = sh("while echo line; do :; done");
    int pid = child.pid().orElseThrow();

    long unread = BackPressure.awaitStandstill(pid);

    assertThat(unread).isLessThan(64 * 1024);
    StepVerifier.create(child.stdout().doOnNext(ByteBuf::release), 0)
        .thenRequest(3)
        .expectNextCount(3)
        .then(
            () ->
                assertThat(BackPressure.awaitStandstill(pid))
                    .isGreaterThan(unread)
                    .isLessThan(unread + 64 * 1024))
        .thenCancel()
        .verify(SOON);
    assertThat(exit(child).toString()).isEqualTo("SIGHUP");
  }

  @Test
  void childThatWaitsForAReader_isEndedNevertheless() {
    RunningProcess child = start(Command.of("yes").pty(80, 24));

    child.dispose();

    assertThat(exit(child).toString()).isEqualTo("SIGHUP");
  }

  @Test
  void grandchildThatKeepsTheTerminal_delaysNotTheExitAndIsNamed() {
    List<ProcessEvent> events =
        Command.shell("trap '' HUP; sleep 1000 & echo $!; exit 6")
            .pty(80, 24)
            .outputGrace(Duration.ofMillis(100))
            .success(ExitPolicy.any())
            .lineEvents()
            .collectList()
            .blockOptional(SOON)
            .orElseThrow();

    ProcessEvent.Line line = (ProcessEvent.Line) events.get(1);
    int grandchild = Integer.parseInt(line.text());
    assertThat(((ProcessEvent.Exited) events.get(2)).status().code()).hasValue(6);
    OutputSummary summary = ((OutputEnded) events.get(3)).summary();
    assertThat(summary.end()).isEqualTo(StreamEnd.ABANDONED);
    assertThat(summary.holders()).contains(grandchild);
    assertThat(Proc.isRunning(grandchild)).isTrue();
    Command.of("kill", "-9", Integer.toString(grandchild)).exit().block(SOON);
  }

  @Test
  void childThatClosesItsTerminal_livesOn(@TempDir Path directory) {
    Path fifo = directory.resolve("fifo");
    Command.of("mkfifo", fifo.toString()).output().block(SOON);
    RunningProcess child =
        start(
            Command.of(
                    "sh",
                    "-c",
                    "echo last; exec 0<&- 1>&- 2>&-; read x <$1; exit 4",
                    "sh",
                    fifo + "")
                .pty(80, 24));
    try (Shown shown = new Shown(child)) {
      shown.await("last");
      shown.awaitEnd();
      assertThat(child.isAlive()).isTrue();

      Command.of("sh", "-c", "echo >$1", "sh", fifo + "").output().block(SOON);

      assertThat(exit(child).code()).hasValue(4);
    }
    child.dispose();
  }

  @Test
  void dispose_hangsUp(@TempDir Path directory) {
    Path file = directory.resolve("said");
    RunningProcess child =
        start(
            Command.of(
                    "sh",
                    "-c",
                    "trap '' TERM; trap 'echo hup >$1; exit 0' HUP; sleep 1000 & echo ready; wait",
                    "sh",
                    file + "")
                .pty(80, 24));
    try (Shown shown = new Shown(child)) {
      shown.await("ready");
    }

    assertThat(exit(child).code()).hasValue(0);
    assertThat(file).hasContent("hup");
    child.dispose();
  }

  @Test
  void cancelOfTheOutput_hangsUp() {
    RunningProcess child = start(Command.of("sleep", "1000").pty(80, 24));

    child.stdout().subscribe(ByteBuf::release).dispose();

    assertThat(exit(child).toString()).isEqualTo("SIGHUP");
    assertThat(child.terminal().resize(10, 10).block(SOON)).isFalse();
    assertThat(child.terminal().size().blockOptional(SOON)).isEmpty();
    assertThat(child.terminal().mode().blockOptional(SOON)).isEmpty();
    assertThat(child.terminal().interrupt().block(SOON)).isFalse();
    assertThat(child.stdin().write("x").block(SOON)).matches(WriteOutcome::readerGone);
  }

  @Test
  void termination_reachesTheChildsOwnGroup() {
    RunningProcess child = sh("sleep 1000 & echo $!; wait");
    try (Shown shown = new Shown(child)) {
      shown.await("\n");
      int grandchild = Integer.parseInt(shown.toString().strip());

      child.terminate();

      assertThat(exit(child).toString()).isEqualTo("SIGTERM");
      Await.until("the grandchild is gone", () -> !Proc.isRunning(grandchild));
    }
    child.dispose();
  }

  @Test
  @EnabledIfExecutable("bash")
  void interactiveShell_hasJobControl(@TempDir Path home) throws IOException {
    RunningProcess bash =
        start(
            Command.of("bash", "--norc", "--noprofile", "-i")
                .env("PS1", "> ")
                .env("HOME", home.toString())
                .env("HISTFILE", "")
                .env("TERM", "dumb")
                .pty(80, 24));
    try (Shown shown = new Shown(bash)) {
      shown.await("> ");
      bash.stdin().write("sleep 1000\n").block(SOON);
      Await.until("sleep is in the foreground", () -> foreground(bash).equals("sleep"));
      bash.terminal().suspend().block(SOON);
      shown.await("Stopped");
      bash.stdin().write("kill %1; echo t''ty; tty; exit 7\nexit 7\n").block(SOON);
      shown.await(bash.terminal().name());
      shown.awaitEnd();
    }

    assertThat(exit(bash).code()).hasValue(7);
    bash.dispose();
  }

  /** The name of the leader of the foreground group of its terminal, by proc(5). */
  private static String foreground(RunningProcess child) {
    try {
      String stat = Files.readString(Path.of("/proc/" + child.pid().orElseThrow() + "/stat"));
      String group = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[5];
      return Files.readString(Path.of("/proc/" + group + "/comm")).strip();
    } catch (IOException gone) {
      return "";
    }
  }

  @Test
  @EnabledIfExecutable("bash")
  void interactiveShell_isEndedByTheHangUp() {
    RunningProcess bash =
        start(Command.of("bash", "--norc", "--noprofile", "-i").env("PS1", "> ").pty(80, 24));
    try (Shown shown = new Shown(bash)) {
      shown.await("> ");
    }

    bash.dispose(); // SIGTERM alone, which it ignores, would take the whole patience

    assertThat(exit(bash).toString()).isEqualTo("SIGHUP");
  }

  @Test
  @EnabledIfExecutable("less")
  void pager_drawsByTheSizeOfTheWindow(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("file");
    Files.writeString(
        file, String.join("\n", IntStream.rangeClosed(1, 500).mapToObj(i -> "l" + i).toList()));
    RunningProcess less =
        start(Command.of("less", "-X", file.toString()).env("LESS", "").pty(40, 10));
    try (Shown shown = new Shown(less)) {
      shown.await("l9\r\n");
      assertThat(shown.toString()).doesNotContain("l11");
      int before = shown.length();
      less.terminal().resize(40, 20).block(SOON);
      shown.awaitAfter(before, "l19");
      before = shown.length();
      less.stdin().write("G").block(SOON);
      shown.awaitAfter(before, "l500");
      less.stdin().write("q").block(SOON);
      shown.awaitEnd();
    }
    assertThat(exit(less).isSuccess()).isTrue();
    less.dispose();
  }
}
