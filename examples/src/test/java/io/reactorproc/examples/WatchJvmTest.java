/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ExitStatus;
import io.reactorproc.ProcessResult;
import io.reactorproc.RunningProcess;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.TextDecoding;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** The watch program in a JVM of its own: pipes, signals, terminals. */
@Timeout(120)
class WatchJvmTest {
  private static final Pattern PID = Pattern.compile("start  pid (\\d+):");

  @Test
  void outputThroughAPipe_isPlainText() {
    ProcessResult result = ExampleJvm.run("watch", "sh", "-c", "echo word; exit 3");

    assertThat(result.status().code()).hasValue(3);
    assertThat(result.stdoutText()).contains("out |  word").doesNotContain("\033", "\r");
    assertThat(result.stderrText()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"2, 130", "15, 143"})
  void signal_endsTheChildAndIsTheStatus(int signal, int status) throws Exception {
    try (Live watch = new Live("watch", "sleep", "1000")) {
      int child = watch.pidOfChild();

      watch.process.signal(Signal.of(signal)).block(ExampleJvm.DEADLINE);

      assertThat(watch.end().code()).hasValue(status);
      assertThat(Proc.isRunning(child)).isFalse();
    }
  }

  /** As {@code ./examples/run --signalfd} starts it. */
  @ParameterizedTest
  @CsvSource({"2, 130", "15, 143"})
  void signalThroughASignalfd_endsTheChildAndIsTheStatus(int signal, int status) throws Exception {
    List<String> argv = new ArrayList<>(List.of("env", "--block-signal=INT,TERM,CHLD,WINCH"));
    argv.addAll(ExampleJvm.commandLine("watch", "sleep", "1000"));
    argv.add(3, "-Xrs");
    try (Live watch = new Live(Command.of(argv).success(ExitPolicy.any()))) {
      int child = watch.pidOfChild();

      watch.process.signal(Signal.of(signal)).block(ExampleJvm.DEADLINE);

      assertThat(watch.end().code()).hasValue(status);
      assertThat(Proc.isRunning(child)).isFalse();
    }
  }

  @Test
  void stopAndContinuation_areTold() throws Exception {
    try (Live watch = new Live("watch", "--stdin", "cat")) {
      int child = watch.pidOfChild();

      kill("STOP", child);
      assertThat(watch.await("  stop ")).contains("SIGSTOP");
      kill("CONT", child);
      watch.await("  cont");

      watch.process.stdin().close().block(ExampleJvm.DEADLINE);
      assertThat(watch.end().code()).hasValue(0);
    }
  }

  @Test
  void readerThatGoesAway_endsWatchAndChildQuietly() {
    String java = Quote.shell(ExampleJvm.commandLine("watch", "yes"));

    ProcessResult result =
        Command.shell("{ " + java + "; echo $? >&2; } | head -n 2")
            .output()
            .blockOptional(ExampleJvm.DEADLINE)
            .orElseThrow();

    assertThat(result.stdoutText().lines()).hasSize(2);
    assertThat(result.stderrText()).isEqualTo("141\n");
  }

  @Test
  void onATerminal_aStatusLineIsDrawnAndErased(@TempDir Path directory) throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script(1), which makes terminals");
    Path fifo = directory.resolve("fifo");
    Command.of("mkfifo", fifo.toString()).output().block(ExampleJvm.DEADLINE);
    String java = Quote.shell(ExampleJvm.commandLine("watch", "cat", fifo.toString()));
    RunningProcess script =
        Command.of("script", "-qec", java, "/dev/null")
            .env("TERM", "xterm")
            .start()
            .blockOptional(ExampleJvm.DEADLINE)
            .orElseThrow();
    Queue<String> shown = new ConcurrentLinkedQueue<>();
    Mono<Void> end =
        TextDecoding.utf8().decode(script.stdout()).doOnNext(shown::add).then().cache();
    end.subscribe();

    assertThat(Await.within(ExampleJvm.DEADLINE, () -> text(shown).contains("running  0 lines")))
        .isTrue();
    Files.writeString(fifo, "word\n");

    end.block(ExampleJvm.DEADLINE);
    assertThat(script.exit().blockOptional(ExampleJvm.DEADLINE).orElseThrow().code()).hasValue(0);
    assertThat(text(shown)).contains("\r\033[K", "out |  word");
    // script(1) may add an empty line of its own
    assertThat(text(shown).lines().filter(line -> !line.isBlank()).reduce("", (a, last) -> last))
        .as(text(shown).replace("\r", "<CR>").replace("\n", "<LF>").replace("\033", "<ESC>"))
        .contains("exit code 0");
    script.dispose();
  }

  private static String text(Queue<String> pieces) {
    return String.join("", pieces);
  }

  private static void kill(String signal, int pid) {
    Command.of("kill", "-" + signal, Integer.toString(pid)).output().block(ExampleJvm.DEADLINE);
  }

  /** A JVM that runs on while the test reads it line by line. */
  private static final class Live implements AutoCloseable {
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final RunningProcess process;
    private final Disposable reading;
    private final Disposable complaints;

    Live(String... arguments) {
      this(ExampleJvm.command(arguments));
    }

    Live(Command watch) {
      process = watch.stdin(Stdin.pipe()).start().blockOptional(ExampleJvm.DEADLINE).orElseThrow();
      reading = process.lines().subscribe(lines::add);
      complaints = process.stderr().subscribe(ByteBuf::release);
    }

    /** The next line that contains the text. */
    String await(String text) throws InterruptedException {
      while (true) {
        String line = lines.poll(ExampleJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertThat(line).as("a line with '%s'", text).isNotNull();
        if (line.contains(text)) {
          return line;
        }
      }
    }

    int pidOfChild() throws InterruptedException {
      Matcher matcher = PID.matcher(await("  start "));
      assertThat(matcher.find()).isTrue();
      int pid = Integer.parseInt(matcher.group(1));
      Await.until("the child runs", () -> Proc.isRunning(pid));
      return pid;
    }

    ExitStatus end() {
      return process.exit().blockOptional(ExampleJvm.DEADLINE).orElseThrow();
    }

    @Override
    public void close() {
      reading.dispose();
      complaints.dispose();
      process.dispose();
    }
  }
}
