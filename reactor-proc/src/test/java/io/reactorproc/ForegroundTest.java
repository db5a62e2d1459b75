/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ipc.TextDecoding;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** Children in the foreground of a terminal, which script(1) makes. */
@Timeout(120)
class ForegroundTest {
  private static final Command TRUE = Command.of("true");

  @TempDir Path directory;

  /** A JVM on a terminal of its own. */
  private final class OnTerminal implements AutoCloseable {
    private final Path report = directory.resolve("report");
    private final Queue<String> shown = new ConcurrentLinkedQueue<>();
    private final RunningProcess script;

    /**
     * Starts it.
     *
     * @param line what its shell does, with {@code "$@"} as the JVM
     */
    OnTerminal(String line, List<String> options, String scenario) {
      List<String> argv =
          ChildJvm.argv(options, ForegroundScenarios.class, report.toString(), scenario);
      String command =
          Stream.concat(Stream.of("env", "--default-signal", "sh", "-c", line, "sh"), argv.stream())
              .map(word -> "'" + word.replace("'", "'\\''") + "'")
              .collect(Collectors.joining(" "));
      script =
          Objects.requireNonNull(
              Command.of("script", "-qec", command, "/dev/null")
                  .env("SHELL", "/bin/sh")
                  .stdin(Stdin.pipe())
                  .mergeStderr()
                  .start()
                  .block(SOON));
      TextDecoding.utf8().decode(script.stdout()).subscribe(shown::add);
    }

    void type(String keys) {
      script.stdin().write(keys).block(SOON);
    }

    void awaitShown(String text) {
      Await.until(text, SOON, () -> String.join("", shown).contains(text));
    }

    void end() {
      script.exit().block(SOON.multipliedBy(3));
    }

    void expectGood() {
      end();
      assertThat(report).as(String.join("", shown)).exists().hasContent("good");
    }

    @Override
    public void close() {
      script.dispose();
    }
  }

  @ParameterizedTest(name = "without \"{0}\"")
  @ValueSource(strings = {"", "tcsetpgrp"})
  @EnabledIfExecutable({"script", "stty"})
  void terminal_isTheChildsAndComesBack(String missing) {
    List<String> options = List.of("-Dio.reactorproc.without=" + missing);
    try (OnTerminal jvm = new OnTerminal("exec \"$@\"", options, "all")) {
      jvm.expectGood();
    }
  }

  /** Neither the taking nor the giving back stops it by SIGTTOU. */
  @Test
  @EnabledIfExecutable({"script", "stty"})
  void jvmInTheBackground_givesTheTerminalBackToWhomItBelonged() {
    try (OnTerminal jvm = new OnTerminal("set -m; \"$@\" & wait $!", List.of(), "background")) {
      jvm.expectGood();
    }
  }

  @Test
  @EnabledIfExecutable("script")
  void child_readsWhatIsTyped() {
    try (OnTerminal jvm = new OnTerminal("exec \"$@\"", List.of(), "reading")) {
      jvm.type("typed\n");
      jvm.expectGood();
    }
  }

  @Test
  @EnabledIfExecutable("script")
  void interruptFromTheKeyboard_isTheChilds() {
    try (OnTerminal jvm = new OnTerminal("exec \"$@\"", List.of(), "interrupted")) {
      jvm.awaitShown("ready");
      jvm.type("\003");
      jvm.expectGood();
    }
  }

  @Test
  @EnabledIfExecutable({"script", "stty"})
  void endOfTheJvm_givesTheTerminalBack() throws IOException {
    Path before = directory.resolve("before");
    Path after = directory.resolve("after");
    String line = "stty -g >" + before + "; \"$@\"; stty -g >" + after;
    try (OnTerminal jvm = new OnTerminal(line, List.of(), "leaving")) {
      jvm.end();
      assertThat(after).content().isNotBlank().isEqualTo(Files.readString(before));
    }
  }

  @Test
  @EnabledIfExecutable("setsid")
  void withoutATerminal_theStartFailsWithThatReason() throws Exception {
    ChildJvm.run("set -- setsid -w \"$@\";", List.of(), NoTerminalMain.class).expectSuccess();
  }

  /** A JVM that leads a session without a terminal. */
  static final class NoTerminalMain {
    private NoTerminalMain() {}

    public static void main(String[] none) {
      int exitCode = 0;
      try {
        for (Job job : List.of(TRUE.foreground(), TRUE.pipe(TRUE).foreground())) {
          StepVerifier.create(job instanceof Command c ? c.exit() : ((Pipeline) job).exit())
              .verifyErrorSatisfies(
                  error -> {
                    ProcessStartException failure = (ProcessStartException) error;
                    assertThat(failure.reason()).isEqualTo(ProcessStartException.Reason.TERMINAL);
                    assertThat(failure.errnoName()).contains("ENXIO");
                    assertThat(failure).hasMessageContaining("no controlling terminal");
                  });
        }
        assertThat(TRUE.exit().block(SOON)).matches(ExitStatus::isSuccess);
      } catch (RuntimeException | Error e) {
        e.printStackTrace(System.out);
        exitCode = 1;
      }
      System.exit(exitCode);
    }
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void contradiction_isRefusedByTheCallThatMakesIt(Runnable call) {
    assertThatThrownBy(call::run).isInstanceOf(InvalidCommandException.class);
  }

  static List<Runnable> contradictions() {
    List<Runnable> calls = new ArrayList<>();
    calls.add(() -> TRUE.foreground().newSession());
    calls.add(() -> TRUE.newSession().foreground());
    calls.add(() -> TRUE.foreground().inheritProcessGroup());
    calls.add(() -> TRUE.inheritProcessGroup().foreground());
    calls.add(() -> TRUE.foreground().detached());
    calls.add(() -> TRUE.detached().foreground());
    calls.add(() -> TRUE.pipe(TRUE).foreground().newSession());
    calls.add(() -> TRUE.pipe(TRUE).detached().foreground());
    calls.add(() -> TRUE.foreground().pipe(TRUE));
    return calls;
  }

  @Test
  void stageOfSeveralChildren_isRefused() {
    StepVerifier.create(TRUE.pipe(TRUE.then(TRUE)).foreground().exit())
        .verifyError(InvalidCommandException.class);
  }
}
