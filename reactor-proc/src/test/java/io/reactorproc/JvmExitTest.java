/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/** What becomes of the children that are left when their JVM ends. */
@Timeout(60)
class JvmExitTest {
  private static final int SIGKILL = 9;

  @Test
  void systemExit_endsTheChildrenAndTheirs() throws Exception {
    assertThat(ended("tree", "exit")).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void sigterm_endsTheChildrenAndTheirs() throws Exception {
    assertThat(ended("tree", "wait")).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void normalEnd_endsTheChildren() throws Exception {
    assertThat(ended("tree", "return")).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void childThatIgnoresSigterm_isKilled() throws Exception {
    assertThat(ended("stubborn", "exit")).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void pipeline_isEnded() throws Exception {
    assertThat(ended("pipeline", "exit")).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void detachedChild_stays() throws Exception {
    Process jvm = ChildJvm.start("", List.of(), LeavingMain.class, "detached", "exit");
    int pid = Integer.parseInt(jvm.inputReader().readLine());
    try {
      assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(Proc.isRunning(pid)).isTrue();
    } finally {
      POSIXFactory.getNativePOSIX().kill(pid, SIGKILL);
      jvm.destroyForcibly().waitFor();
    }
    Await.until("it is gone", () -> !Proc.isRunning(pid));
  }

  /** Starts race with the end: none may slip through between the hook's look and the halt. */
  @Test
  void childrenStartedWhileTheJvmEnds_areEndedOrNeverStart() throws Exception {
    String mark = Long.toString(ProcessHandle.current().pid() * 1000 + 7);
    Process jvm = ChildJvm.start("", List.of(), RacingMain.class, mark);
    assertThat(jvm.inputReader().readLine()).isEqualTo("racing");
    jvm.destroy();
    assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
    jvm.destroyForcibly().waitFor();

    assertThat(ProcessHandle.allProcesses().filter(p -> isSleeping(p, mark))).isEmpty();
  }

  private static boolean isSleeping(ProcessHandle process, String mark) {
    return process.info().arguments().map(a -> a.length == 1 && a[0].equals(mark)).orElse(false);
  }

  /** How long the JVM took to end; fails if one of the processes it named is still there. */
  private static Duration ended(String children, String end) throws Exception {
    Process jvm = ChildJvm.start("", List.of(), LeavingMain.class, children, end);
    try {
      BufferedReader output = jvm.inputReader();
      List<Integer> pids = List.of(number(output), number(output));
      long begin = System.nanoTime();
      if (end.equals("wait")) {
        pids.forEach(pid -> assertThat(Proc.isRunning(pid)).isTrue());
        jvm.destroy();
      }
      assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      for (int pid : pids) {
        Await.until(pid + " is gone", () -> !Proc.isRunning(pid));
      }
      return took;
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }

  private static int number(BufferedReader output) throws Exception {
    return Integer.parseInt(Objects.requireNonNull(output.readLine()));
  }

  /** Starts children, says their pids, and ends. */
  static final class LeavingMain {
    private LeavingMain() {}

    public static void main(String[] how) throws InterruptedException {
      switch (how[0]) {
        case "tree" -> say(Command.shell("sleep 1000 & echo $$ $!; wait"), 2);
        case "stubborn" ->
            say(
                Command.shell("trap '' TERM; sleep 1000 & echo $$ $!; wait")
                    .termination(Termination.graceful(Duration.ofMillis(200))),
                2);
        case "pipeline" -> {
          Command sleep = Command.of("sleep", "1000");
          RunningPipeline running =
              Objects.requireNonNull(sleep.pipe(sleep).start().block(Limits.SOON));
          running.children().forEach(stage -> System.out.println(stage.pid().orElseThrow()));
        }
        default -> say(Command.shell("echo $$; exec sleep 1000 >&- 2>&-").detached(), 1);
      }
      switch (how[1]) {
        case "exit" -> System.exit(0);
        case "wait" -> Thread.sleep(60_000);
        default -> {}
      }
    }

    private static void say(Command command, int pids) {
      RunningProcess running = Objects.requireNonNull(command.start().block(Limits.SOON));
      String line = Objects.requireNonNull(running.lines().blockFirst(Limits.SOON));
      for (String pid : line.split(" ", pids)) {
        System.out.println(pid);
      }
    }
  }

  /** Starts sleeping children without end. */
  static final class RacingMain {
    private RacingMain() {}

    public static void main(String[] mark) {
      Command sleep =
          Command.of("sleep", mark[0]).stdout(Output.discard()).stderr(Output.discard());
      Flux.range(0, 100_000).concatMap(i -> sleep.start().doOnNext(started -> say(i))).blockLast();
    }

    private static void say(int started) {
      if (started == 20) {
        System.out.println("racing");
      }
    }
  }
}
