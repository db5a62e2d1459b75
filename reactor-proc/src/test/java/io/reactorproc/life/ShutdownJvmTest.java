/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.life;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reactorproc.ChildJvm;
import io.reactorproc.ClosingState;
import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ExitStatus;
import io.reactorproc.Output;
import io.reactorproc.ProcessStartException;
import io.reactorproc.RunningProcess;
import io.reactorproc.Termination;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Signals to a JVM with children, and what a shell sees of its end. */
@Timeout(60)
class ShutdownJvmTest {
  private final List<Jvm> jvms = new ArrayList<>();

  @AfterEach
  void endAll() {
    jvms.forEach(jvm -> jvm.process.dispose());
  }

  private Jvm start(String... arguments) {
    return start(List.of("env", "--default-signal"), List.of(), arguments);
  }

  private Jvm start(List<String> launcher, List<String> options, String... arguments) {
    List<String> argv = new ArrayList<>(launcher);
    argv.addAll(ChildJvm.argv(options, Main.class, arguments));
    Jvm jvm = new Jvm(Command.of(argv).stderr(Output.discard()));
    jvms.add(jvm);
    return jvm;
  }

  private static final class Jvm {
    private final RunningProcess process;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Jvm(Command command) {
      process = Objects.requireNonNull(command.start().block(SOON));
      process.lines().subscribe(lines::add);
    }

    /** The pid that it says. */
    int pidOf(String what) {
      Await.until(what + " is said", SOON, () -> find(what).isPresent());
      return Integer.parseInt(find(what).orElseThrow());
    }

    private Optional<String> find(String what) {
      String head = what + " ";
      return lines.stream()
          .filter(l -> l.startsWith(head))
          .map(l -> l.substring(head.length()))
          .findFirst();
    }

    void await(String line) {
      Await.until(line + " is said", SOON, () -> lines.contains(line));
    }

    void signal(Signal signal) {
      assertThat(process.signal(signal).block(SOON)).isTrue();
    }

    ExitStatus end() {
      return Objects.requireNonNull(process.exit().block(SOON));
    }
  }

  @ParameterizedTest
  @CsvSource({"SIGTERM, 143", "SIGINT, 130"})
  void firstSignal_endsTheChildrenInOrderAndThenTheJvmWithItsHooks(String name, int code) {
    Jvm jvm = start("ordered");
    int db = jvm.pidOf("db");
    int web = jvm.pidOf("web");
    jvm.await("ready");

    jvm.signal(Signal.parse(name));

    assertThat(jvm.end().code()).isEqualTo(OptionalInt.of(code));
    assertThat(Proc.isRunning(db)).isFalse();
    assertThat(Proc.isRunning(web)).isFalse();
    Await.until("all is said", () -> jvm.lines.contains("hook"));
    assertThat(jvm.lines)
        .containsSubsequence("left [web, db]", "left [db]", "left []")
        .contains("refused SHUTDOWN");
  }

  @Test
  void signalsThroughASignalfd_doTheSame() {
    Jvm jvm = start(List.of("env", "--block-signal=TERM,INT,CHLD"), List.of("-Xrs"), "ordered");
    int db = jvm.pidOf("db");
    jvm.await("ready");

    jvm.signal(Signal.SIGTERM);

    assertThat(jvm.end().code()).isEqualTo(OptionalInt.of(143));
    assertThat(Proc.isRunning(db)).isFalse();
  }

  /** The second one is sent until it is taken for a second one, which an early one is not. */
  @ParameterizedTest
  @ValueSource(strings = {"SIGTERM", "SIGINT"})
  void secondSignal_killsAllGroupsAndIsWhatTheJvmDiesOf(String name) {
    Signal signal = Signal.parse(name);
    Jvm jvm = start("stubborn");
    int child = jvm.pidOf("child");
    int grandchild = jvm.pidOf("grandchild");
    jvm.await("ready");

    jvm.signal(signal);
    jvm.await("left [stubborn]");
    Await.until(
        "the JVM is gone",
        SOON,
        () -> {
          jvm.process.signal(signal).block(SOON);
          return !jvm.process.isAlive();
        });

    assertThat(jvm.end().signal()).isEqualTo(Optional.of(signal));
    Await.until("the child is gone", () -> !Proc.isRunning(child));
    Await.until("its child is gone", () -> !Proc.isRunning(grandchild));
    assertThat(jvm.lines).doesNotContain("hook");
  }

  /** The kernel lets no signal end the first process of a container that has no handler for it. */
  @Test
  void secondSignalToProcessOne_haltsItWithTheCode() {
    assumeTrue(
        Objects.requireNonNull(Command.of("unshare", "-pf", "true").exit().block(SOON)).isSuccess(),
        "unshare(1) makes pid namespaces");
    Jvm jvm =
        start(
            List.of("env", "--default-signal", "unshare", "-pf", "--kill-child"),
            List.of(),
            "stubborn");
    jvm.await("ready");
    String first =
        Proc.children(jvm.process.pid().orElseThrow()).keySet().iterator().next().toString();

    kill("TERM", first);
    jvm.await("left [stubborn]");
    Await.until(
        "the JVM is gone",
        SOON,
        () -> {
          kill("TERM", first);
          return !jvm.process.isAlive();
        });

    assertThat(jvm.end().code()).isEqualTo(OptionalInt.of(143));
  }

  private static void kill(String signal, String pid) {
    Command.of("kill", "-" + signal, pid).success(ExitPolicy.any()).output().block(SOON);
  }

  @Test
  void repetitionAtOnce_isNotASecondSignal() {
    Jvm jvm = start("ordered");
    jvm.await("ready");

    Command.shell("kill -TERM $1; kill -TERM $1; kill -INT $1") // built in, and so without a pause
        .args("sh", Integer.toString(jvm.process.pid().orElseThrow()))
        .output()
        .block(SOON);

    assertThat(jvm.end().code()).isPresent().isNotEqualTo(OptionalInt.of(0));
    Await.until("the hook ran", () -> jvm.lines.contains("hook"));
  }

  @Test
  void systemExit_keepsTheOrderAndItsCode() {
    Jvm jvm = start("exiting");
    int db = jvm.pidOf("db");

    assertThat(jvm.end().code()).isEqualTo(OptionalInt.of(3));

    assertThat(Proc.isRunning(db)).isFalse();
    Await.until("all is said", () -> jvm.lines.contains("left []"));
    assertThat(jvm.lines).containsSubsequence("left [web, db]", "left [db]", "left []");
  }

  @Test
  void detachedChild_stays() {
    Jvm jvm = start("detached");
    int child = jvm.pidOf("child");
    jvm.await("ready");

    jvm.signal(Signal.SIGTERM);

    assertThat(jvm.end().code()).isEqualTo(OptionalInt.of(143));
    assertThat(Proc.isRunning(child)).isTrue();
    Command.of("kill", "-KILL", Integer.toString(child)).output().block(SOON);
    Await.until("it is gone", () -> !Proc.isRunning(child));
  }

  /** As under a framework that ends its services in its own shutdown hook. */
  @Test
  void shutdownThatWaitsForClose_leavesTheChildrenToTheHookOfOthers() {
    Jvm jvm = start("framework");
    int child = jvm.pidOf("child");
    jvm.await("ready");

    jvm.signal(Signal.SIGTERM);

    assertThat(jvm.end().code()).isEqualTo(OptionalInt.of(143));
    Await.until("the framework is done", () -> jvm.lines.contains("closed []"));
    assertThat(jvm.lines).containsSubsequence("closing true", "late x", "closed []");
    assertThat(Proc.isRunning(child)).isFalse();
  }

  @Test
  void frameworkThatDoesNotClose_isWaitedForAndThenNotAnyMore() {
    Jvm jvm = start("forgetful");
    int child = jvm.pidOf("child");

    assertThat(jvm.end().code()).isEqualTo(OptionalInt.of(0));
    assertThat(Proc.isRunning(child)).isFalse();
  }

  /** The JVM under test. */
  static final class Main {
    private static final Command SLEEP =
        Command.of("sleep", "1000").stdout(Output.discard()).stderr(Output.discard());

    private Main() {}

    public static void main(String[] how) throws InterruptedException {
      Shutdown shutdown = Shutdown.ofAll();
      switch (how[0]) {
        case "ordered", "exiting" -> {
          Shutdown ordered = shutdown.dependency("web", "db");
          Runtime.getRuntime().addShutdownHook(new Thread(() -> hook(how[0])));
          ordered.install();
          ordered.progress().subscribe(Main::sayLeft);
          say("web " + pid(SLEEP.named("web")));
          say("db " + pid(SLEEP.named("db")));
          if (how[0].equals("exiting")) {
            System.exit(3);
          }
        }
        case "stubborn" -> {
          Runtime.getRuntime().addShutdownHook(new Thread(() -> say("hook")));
          shutdown.patience(Duration.ofHours(1)).install();
          shutdown.progress().subscribe(Main::sayLeft);
          RunningProcess running =
              start(
                  Command.shell("trap '' TERM INT; sleep 1000 & echo $!; while :; do wait; done")
                      .named("stubborn")
                      .termination(Termination.graceful(Duration.ofHours(1))));
          say("grandchild " + running.lines().blockFirst(SOON));
          say("child " + running.pid().orElseThrow());
        }
        case "detached" -> {
          shutdown.install();
          say("child " + pid(SLEEP.detached()));
        }
        case "framework" -> {
          shutdown.waitForClose(Duration.ofMinutes(1)).install();
          RunningProcess running = start(SLEEP);
          say("child " + running.pid().orElseThrow());
          Runtime.getRuntime()
              .addShutdownHook(
                  new Thread(
                      () -> {
                        say("closing " + running.isAlive());
                        String late =
                            Objects.requireNonNull(Command.of("echo", "x").text().block(SOON));
                        say("late " + late.strip());
                        say(
                            "closed "
                                + Objects.requireNonNull(shutdown.close().block(SOON)).left());
                      }));
        }
        default -> {
          shutdown.waitForClose(Duration.ofMillis(300)).install();
          say("child " + pid(SLEEP));
          return;
        }
      }
      say("ready");
      Thread.sleep(60_000);
    }

    private static void sayLeft(ClosingState state) {
      say(
          "left "
              + state.left().stream()
                  .map(job -> job.name().orElse("?"))
                  .sorted(Comparator.reverseOrder())
                  .toList());
    }

    /** At the end that a signal made, the children are gone, and none is started any more. */
    private static void hook(String how) {
      if (how.equals("ordered")) {
        SLEEP
            .exit()
            .onErrorResume(
                ProcessStartException.class,
                error -> {
                  say("refused " + error.reason());
                  return Mono.empty();
                })
            .block(SOON);
      }
      say("hook");
    }

    private static RunningProcess start(Command command) {
      return Objects.requireNonNull(command.start().block(SOON));
    }

    private static int pid(Command command) {
      return start(command).pid().orElseThrow();
    }

    private static synchronized void say(String line) {
      System.out.println(line);
    }
  }
}
