/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.cgroup.CgroupNeeded;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.guard.Guard;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of children whose JVM dies without a word, when it had a guard. */
@Timeout(120)
class GuardTest {
  private static final int SIGHUP = 1;
  private static final int SIGINT = 2;
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;
  private static final int CHILDREN = 100;
  private static final Duration AT_ONCE = Duration.ofMillis(100);

  @Test
  void killedJvm_leavesNobodyWhereThereAreCgroups() throws Exception {
    CgroupNeeded.orSkip();

    survivors("cgroups", List.of());
  }

  @Test
  void killedJvm_leavesOnlyWhatLeftItsGroupWhereThereAreNone() throws Exception {
    survivors("groups", List.of("left"));
  }

  /**
   * Kills a JVM of which each child has said its kind and its pid, and fails unless exactly those
   * of some kinds are there afterwards. How long that takes depends on what else the machine does:
   * the best of some runs is what counts.
   */
  private static void survivors(String tier, List<String> expected) throws Exception {
    Duration best = Duration.ofDays(1);
    for (int run = 0; run < 5 && best.compareTo(AT_ONCE) > 0; run++) {
      Process jvm = ChildJvm.start("", List.of(), ManyMain.class, tier);
      Map<Integer, String> kinds = new HashMap<>();
      try {
        BufferedReader output = jvm.inputReader();
        int guard = number(output);
        for (String line = output.readLine();
            line != null && !line.equals("ready");
            line = output.readLine()) {
          String[] words = line.split(" ", 2);
          kinds.put(Integer.parseInt(words[1]), words[0]);
        }
        assertThat(kinds).as("children and theirs").hasSize(CHILDREN + CHILDREN / 2);
        List<Integer> doomed =
            kinds.keySet().stream().filter(pid -> !expected.contains(kinds.get(pid))).toList();
        kinds.keySet().forEach(pid -> assertThat(Proc.isRunning(pid)).isTrue());

        jvm.destroyForcibly().waitFor();
        long begin = System.nanoTime();
        Await.until("all are gone", () -> doomed.stream().noneMatch(Proc::isRunning));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        best = took.compareTo(best) < 0 ? took : best;
        System.out.printf(
            "guard, tier %s: %d processes gone %d ms after the JVM%n",
            tier, doomed.size(), took.toMillis());
        Await.until("the guard has ended", () -> !Proc.isRunning(guard));

        assertThat(kinds.keySet().stream().filter(Proc::isRunning).map(kinds::get).toList())
            .hasSize(expected.isEmpty() ? 0 : CHILDREN / 4)
            .allMatch(expected::contains);
      } finally {
        jvm.destroyForcibly().waitFor();
        kinds.forEach((pid, kind) -> kill(pid, kind));
      }
    }
    assertThat(best).isLessThan(AT_ONCE);
  }

  /** Only what is still there and was expected to be; no other number is known to be ours. */
  private static void kill(int pid, String kind) {
    if (kind.equals("left") && Proc.isRunning(pid)) {
      POSIXFactory.getNativePOSIX().kill(pid, SIGKILL);
    }
  }

  /** A quarter of its children ignores SIGTERM, and a quarter has one that left the group. */
  static final class ManyMain {
    private ManyMain() {}

    public static void main(String[] tier) {
      boolean cgroups = tier[0].equals("cgroups");
      Guard guard = Objects.requireNonNull(Guard.start().block(Limits.SOON));
      System.out.println(guard.pid().orElseThrow());
      Flux.range(0, CHILDREN)
          .map(i -> cgroups ? command(i).cgroup(Cgroups.ofThisProcess()) : command(i))
          .flatMap(command -> command.start().flatMapMany(ManyMain::told), 8)
          .doOnNext(System.out::println)
          .blockLast(Limits.SOON);
      System.out.println("ready");
      Mono.never().block();
    }

    private static Flux<String> told(RunningProcess child) {
      int lines = child.command().argv().get(2).contains("&") ? 2 : 1;
      return child.lines().take(lines);
    }

    private static Command command(int i) {
      return Command.shell(
          switch (i % 4) {
            case 0 -> "echo plain $$; exec sleep 1000";
            case 1 -> "trap '' TERM HUP INT; echo stubborn $$; sleep 1000 & echo stubborn $!; wait";
            case 2 -> "setsid sleep 1000 & echo leaver $$; echo left $!; wait";
            default -> "echo loud $$; exec 2>/dev/null; while sleep 1000; do :; done";
          });
    }
  }

  @Test
  void guard_holdsTheLifePipeAndNothingElse() throws Exception {
    Guard guard = ready();
    int pid = guard.pid().orElseThrow();

    assertThat(Proc.descriptors(pid)).hasSize(1);
    assertThat(Proc.descriptors(pid).get(0)).startsWith("pipe:");
    assertThat(Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd"))).isEqualTo(Path.of("/"));
    assertThat(session(pid)).isEqualTo(pid);
    end(guard);
  }

  @Test
  void guard_survivesWhatATerminalSends() {
    Guard guard = ready();
    int pid = guard.pid().orElseThrow();

    for (int signal : new int[] {SIGINT, SIGTERM, SIGHUP}) {
      POSIXFactory.getNativePOSIX().kill(pid, signal);
    }

    end(guard); // it reads that it may go: it was there to read it
  }

  @Test
  void startingTwice_answersTheSameGuard() {
    Guard guard = ready();

    assertThat(Guard.start().block(Limits.SOON)).isSameAs(guard);
    end(guard);
    Guard next = ready();
    assertThat(next).isNotSameAs(guard);
    end(next);
  }

  @Test
  void disposedGuard_touchesNoChild() {
    Guard guard = ready();
    RunningProcess child =
        Objects.requireNonNull(Command.of("sleep", "1000").start().block(Limits.SOON));

    end(guard);

    assertThat(child.isAlive()).isTrue();
    child.terminate(Termination.kill());
    assertThat(Objects.requireNonNull(child.exit().block(Limits.SOON)).isSuccess()).isFalse();
    child.dispose();
  }

  @Test
  void guardDisposedWhileItStarts_ends() {
    for (int i = 0; i < 20; i++) {
      Mono<Guard> starting = Guard.start();
      Guard guard = Objects.requireNonNull(starting.block(Limits.SOON));
      end(guard);
    }
  }

  @Test
  void guardDoesNotCountAmongTheChildren() {
    Guard guard = ready();

    assertThat(ProcessRuntime.shared().liveChildren()).isZero();
    end(guard);
  }

  @Test
  void haltingJvm_leavesNobody() throws Exception {
    lives("halt", Map.of("child", false));
  }

  @Test
  void jvmThatEndsNormally_takesItsGuardAlong() throws Exception {
    lives("return", Map.of("child", false));
  }

  @Test
  void detachedChild_stays() throws Exception {
    lives("detached", Map.of("child", true));
  }

  /** Its group is no longer the child's once that is reaped, and the number may be anybody's. */
  @Test
  void whatAChildLeftThatHasEnded_stays() throws Exception {
    lives("ended", Map.of("left", true));
  }

  @Test
  void childWithoutAGroupOfItsOwn_isKilledAlone() throws Exception {
    lives("inherited", Map.of("child", false, "left", true));
  }

  @Test
  void childrenOfAPipeline_areKilled() throws Exception {
    lives("pipeline", Map.of("first", false, "second", false));
  }

  @Test
  void childrenFromBeforeTheGuard_areKilled() throws Exception {
    lives("before", Map.of("child", false));
  }

  @Test
  void killedGuard_isReplacedAndKnowsWhoLives() throws Exception {
    lives("replaced", Map.of("child", false));
  }

  /** Lets a JVM die in some way, and looks for the processes that it named after its guard. */
  private static void lives(String how, Map<String, Boolean> staying) throws Exception {
    Process jvm = ChildJvm.start("", List.of(), OneMain.class, how);
    Map<String, Integer> pids = new HashMap<>();
    try {
      BufferedReader output = jvm.inputReader();
      int guard = number(output);
      for (int i = 0; i < staying.size(); i++) {
        String[] words = Objects.requireNonNull(output.readLine()).split(" ", 2);
        pids.put(words[0], Integer.parseInt(words[1]));
      }
      if (how.equals("replaced")) {
        guard = number(output);
      }
      int last = guard;
      if (!how.equals("halt") && !how.equals("return")) {
        assertThat(Proc.isRunning(last)).isTrue();
        jvm.destroyForcibly();
      }
      assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
      Await.until("the guard has ended", () -> !Proc.isRunning(last));
      staying.forEach(
          (name, stays) -> {
            int pid = Objects.requireNonNull(pids.get(name));
            if (stays) {
              assertThat(Proc.isRunning(pid)).as(name).isTrue();
            } else {
              Await.until(name + " is gone", () -> !Proc.isRunning(pid));
            }
          });
    } finally {
      jvm.destroyForcibly().waitFor();
      staying.forEach(
          (name, stays) -> {
            if (stays && pids.containsKey(name)) {
              POSIXFactory.getNativePOSIX().kill(Objects.requireNonNull(pids.get(name)), SIGKILL);
            }
          });
    }
  }

  /** Starts a guard and children, says their pids, and ends or waits for it. */
  static final class OneMain {
    private OneMain() {}

    public static void main(String[] how) throws Exception {
      RunningProcess early = how[0].equals("before") ? start("sleep 1000") : null;
      Guard guard = Objects.requireNonNull(Guard.start().block(Limits.SOON));
      int first = guard.pid().orElseThrow();
      System.out.println(first);
      switch (how[0]) {
        case "before" -> say("child", Objects.requireNonNull(early));
        case "detached" ->
            say("child", start(Command.of("sleep", "1000").stderr(Output.discard()).detached()));
        case "ended" -> {
          String left =
              Command.shell("sleep 1000 >/dev/null 2>&1 & echo left $!").text().block(Limits.SOON);
          System.out.print(left);
        }
        case "inherited" -> {
          RunningProcess child =
              start(
                  Command.shell("sleep 1000 >/dev/null 2>&1 & echo left $!; wait")
                      .inheritProcessGroup());
          System.out.println(child.lines().blockFirst(Limits.SOON));
          say("child", child);
        }
        case "pipeline" -> {
          Command sleep = Command.of("sleep", "1000");
          RunningPipeline both =
              Objects.requireNonNull(sleep.pipe(sleep).start().block(Limits.SOON));
          say("first", both.stage(0));
          say("second", both.stage(1));
        }
        default -> say("child", start("sleep 1000"));
      }
      switch (how[0]) {
        case "halt" -> Runtime.getRuntime().halt(1);
        case "return" -> {
          return;
        }
        case "replaced" -> {
          POSIXFactory.getNativePOSIX().kill(first, SIGKILL);
          Await.until("there is another", () -> guard.pid().orElse(first) != first);
          System.out.println(guard.pid().orElseThrow());
        }
        default -> {}
      }
      Mono.never().block();
    }

    private static RunningProcess start(String script) {
      return start(Command.shell("exec " + script));
    }

    private static RunningProcess start(Command command) {
      return Objects.requireNonNull(command.start().block(Limits.SOON));
    }

    private static void say(String name, RunningProcess child) {
      System.out.println(name + " " + child.pid().orElseThrow());
    }
  }

  /** A guard that has got as far as to ignore signals. */
  private static Guard ready() {
    Guard guard = Objects.requireNonNull(Guard.start().block(Limits.SOON));
    int pid = guard.pid().orElseThrow();
    Await.until("it ignores SIGTERM", () -> (ignored(pid) & 1L << (SIGTERM - 1)) != 0);
    return guard;
  }

  private static void end(Guard guard) {
    guard.dispose();
    guard.ended().block(Limits.SOON);
  }

  private static long ignored(int pid) {
    return status(pid, "SigIgn:");
  }

  private static long status(int pid, String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith(field)) {
          return Long.parseUnsignedLong(line.substring(field.length()).strip(), 16);
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return 0;
  }

  private static int session(int pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    List<String> fields =
        new ArrayList<>(List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)));
    return Integer.parseInt(fields.get(3));
  }

  private static int number(BufferedReader output) throws IOException {
    return Integer.parseInt(Objects.requireNonNull(output.readLine()));
  }
}
