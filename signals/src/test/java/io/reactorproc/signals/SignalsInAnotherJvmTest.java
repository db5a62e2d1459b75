/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dispositions from before a JVM starts, and signals that end one. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalsInAnotherJvmTest {
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void ignoredSignal_isHeardAndIgnoredAgainAfterCancel() throws Exception {
    Jvm jvm = start("trap '' USR1;", Signal.SIGUSR1);
    jvm.answers("IGNORED");

    jvm.tell("listen").answers("CAUGHT");
    jvm.signal("USR1").answers("got SIGUSR1");

    jvm.tell("cancel").answers("IGNORED");
    jvm.signal("USR1").tell("cancel").answers("IGNORED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "TERM"})
  void shutdownSignalIgnoredAtTheStart_staysIgnored(String name) throws Exception {
    Jvm jvm = start("trap '' " + name + ";", Signal.parse(name));
    jvm.answers("IGNORED");

    jvm.tell("listen").answers("IGNORED");
    jvm.signal(name).tell("cancel").answers("IGNORED");
  }

  @Test
  void defaultSignal_isHeardAndEndsTheJvmAgainAfterCancel() throws Exception {
    Jvm jvm = start("", Signal.SIGUSR1);
    jvm.answers("DEFAULT");

    jvm.tell("listen").answers("CAUGHT");
    jvm.signal("USR1").answers("got SIGUSR1");

    jvm.tell("cancel").answers("DEFAULT");
    jvm.signal("USR1").endsWith(128 + Signal.SIGUSR1.number());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "TERM"})
  void shutdownSignal_isHeardAndShutsTheJvmDownAgainAfterCancel(String name) throws Exception {
    Signal signal = Signal.parse(name);
    Jvm jvm = start("", signal);
    jvm.answers("CAUGHT");

    jvm.tell("listen").answers("CAUGHT");
    jvm.signal(name).answers("got " + signal);

    jvm.tell("cancel").answers("CAUGHT");
    jvm.signal(name).endsWith(128 + signal.number());
  }

  @Test
  void childsExit_isSeenWhenTheJdkStartsItsFirstProcessAfterwards() throws Exception {
    Jvm jvm = start("", Signal.SIGCHLD);
    jvm.answers("DEFAULT");

    jvm.tell("listen").answers("CAUGHT");
    jvm.tell("spawn").answers("got SIGCHLD");

    jvm.tell("cancel").answers("DEFAULT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "TERM", "USR1", "CHLD"})
  void signalUnderXrs_isRefusedWithTheReason(String name) throws Exception {
    Signal signal = Signal.parse(name);
    Jvm jvm = start("", signal, "-Xrs");
    jvm.answers("DEFAULT");

    jvm.tell("listen");

    assertThat(jvm.line()).startsWith("cannot listen to " + signal).contains("-Xrs");
  }

  /** Ignored, it kills nobody, and cannot be made to. */
  @ParameterizedTest
  @ValueSource(strings = {"", "trap '' TERM;"})
  void deathByASignal_isTheStatusAndRunsNoHook(String shell) throws Exception {
    Jvm jvm = start(shell, Signal.SIGTERM);
    jvm.line();

    jvm.tell("listen").line();
    jvm.tell("die").endsWith(128 + Signal.SIGTERM.number());

    assertThat(jvm.output.readLine()).isNull();
  }

  /** A JVM whose shell first does what {@code shell} says, and then becomes it. */
  private Jvm start(String shell, Signal signal, String... options) throws IOException {
    // A build in the background or under nohup hands down ignored signals, which sh cannot undo.
    List<String> argv = new ArrayList<>(List.of("env", "--default-signal"));
    argv.addAll(List.of("sh", "-c", shell + " exec \"$@\"", "sh"));
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(List.of(options));
    argv.addAll(List.of("-cp", System.getProperty("java.class.path")));
    argv.addAll(List.of(ObedientJvm.class.getName(), signal.name()));
    Process process =
        new ProcessBuilder(argv).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    started.add(process);
    return new Jvm(process, process.inputReader(), process.outputWriter());
  }

  private record Jvm(Process process, BufferedReader output, BufferedWriter input) {
    Jvm tell(String step) throws IOException {
      input.write(step + "\n");
      input.flush();
      return this;
    }

    Jvm signal(String name) throws IOException, InterruptedException {
      String pid = Long.toString(process.pid());
      assertThat(new ProcessBuilder("kill", "-s", name, pid).start().waitFor()).isZero();
      return this;
    }

    String line() throws IOException {
      String line = output.readLine();
      assertThat(line).as("a line before the end of the JVM").isNotNull();
      return line;
    }

    void answers(String line) throws IOException {
      assertThat(line()).isEqualTo(line);
    }

    void endsWith(int exitCode) throws InterruptedException {
      assertThat(process.waitFor(20, SECONDS)).as("the JVM ended").isTrue();
      assertThat(process.exitValue()).isEqualTo(exitCode);
    }
  }
}
