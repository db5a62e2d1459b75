/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reactorproc.cgroup.CgroupNeeded;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.guard.Orphan;
import io.reactorproc.guard.Orphans;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfExecutable;
import io.reactorproc.testkit.Proc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/**
 * A JVM that adopts orphans, beside children of {@code java.lang.Process} and of this project: each
 * exit code has to arrive at its owner, and no zombie may stay. In JVMs of their own, as adopting
 * is a property of a whole process.
 */
@Timeout(120)
class OrphansTest {
  private static final int EACH = 40;
  private static final int ORPHANS_CODE = 9;

  @Test
  void everyExitCodeArrivesAtItsOwner_andNoZombieStays() throws Exception {
    run("side-by-side").expectSuccess();
  }

  @Test
  void everyExitCodeArrivesAtItsOwner_whenAllOrphansAreReaped() throws Exception {
    run("side-by-side-all").expectSuccess();
  }

  @Test
  void orphanThatLeftItsGroup_isKnownByItsCgroup() throws Exception {
    CgroupNeeded.orSkip();

    run("cgroup").expectSuccess();
  }

  @Test
  void orphanOfWhichNothingIsKnown_staysAZombieUntilAllAreToBeReaped() throws Exception {
    run("unknown").expectSuccess();
  }

  @Test
  void childrenOfPipelines_areNotTakenForOrphans() throws Exception {
    run("pipelines").expectSuccess();
  }

  @Test
  @EnabledIfExecutable("unshare")
  void pidOne_reapsWhatComesToIt() throws Exception {
    List<String> inside = List.of("unshare", "--pid", "--fork", "--mount-proc");
    List<String> probe = new ArrayList<>(inside);
    probe.add("true");
    Process tried = new ProcessBuilder(probe).start();
    assumeTrue(tried.waitFor() == 0, "missing: the right to make a pid namespace");

    ChildJvm.run("set -- unshare --pid --fork --mount-proc \"$@\";", List.of(), Main.class, "pid-1")
        .expectSuccess();
  }

  private static ChildJvm.Outcome run(String how) throws Exception {
    return ChildJvm.run("", List.of(), Main.class, how);
  }

  /** One of the ways; an exception is the JVM's exit code 1. */
  static final class Main {
    private final Queue<Orphan> reaped = new ConcurrentLinkedQueue<>();

    private Main() {}

    public static void main(String[] how) throws Exception {
      try {
        new Main().run(how[0]);
      } catch (Throwable thrown) {
        thrown.printStackTrace();
        System.exit(1);
      }
      System.exit(0);
    }

    private void run(String how) throws Exception {
      switch (how) {
        case "side-by-side" -> sideBySide(Orphans.adopt());
        case "side-by-side-all" -> sideBySide(Orphans.adoptAll());
        case "cgroup" -> leftTheirGroups(Orphans.adopt());
        case "unknown" -> unknown();
        case "pipelines" -> pipelines(Orphans.adopt());
        default -> {
          assertThat(ProcessHandle.current().pid()).isEqualTo(1);
          Orphans orphans = Orphans.adoptAll();
          jdkChild("setsid sh -c 'exit 9' &", 0);
          sideBySide(orphans);
        }
      }
    }

    private void sideBySide(Orphans orphans) throws Exception {
      orphans.reaped().subscribe(reaped::add);
      ExecutorService pool = Executors.newFixedThreadPool(4);
      List<Future<?>> jdk = new ArrayList<>();
      for (int i = 0; i < EACH; i++) {
        int code = i;
        Callable<?> child = () -> jdkChild("exit " + code, code);
        jdk.add(pool.submit(child));
      }
      Flux<Integer> ours =
          Flux.range(0, EACH)
              .flatMap(
                  i ->
                      Command.shell("exit " + i).exit().map(status -> status.code().orElse(-1) - i),
                  4);
      Flux<Integer> parents =
          Flux.range(0, EACH)
              .flatMap(
                  i ->
                      Command.shell("(sleep 0.0$1; exit 9) >/dev/null 2>&1 & exit 0")
                          .args("sh", Integer.toString(i % 7))
                          .exit()
                          .map(status -> status.code().orElse(-1)),
                  4);
      assertThat(Flux.merge(ours, parents).collectList().block(Limits.SOON))
          .hasSize(2 * EACH)
          .containsOnly(0);
      for (Future<?> child : jdk) {
        child.get(20, TimeUnit.SECONDS);
      }
      pool.shutdown();

      Await.until("no zombie is left: " + Proc.children(), Main::noZombie);
      Await.until("all are told: " + reaped.size(), () -> orphansTold() >= EACH);
      orphans.dispose();
      Orphans.adopt().dispose(); // it can be begun anew
    }

    private long orphansTold() {
      return reaped.stream().filter(orphan -> orphan.code().orElse(-1) == ORPHANS_CODE).count();
    }

    private static Object jdkChild(String script, int code) throws Exception {
      Process child = new ProcessBuilder("sh", "-c", script).start();
      child.getOutputStream().close();
      assertThat(child.waitFor()).isEqualTo(code);
      return child;
    }

    private void leftTheirGroups(Orphans orphans) {
      orphans.reaped().subscribe(reaped::add);
      Command parent =
          Command.shell("setsid sleep 1000 >/dev/null 2>&1 </dev/null & exit 0")
              .cgroup(Cgroups.ofThisProcess());
      Flux.range(0, 20).flatMap(i -> parent.exit(), 4).blockLast(Limits.SOON);

      Await.until("all are killed and reaped", () -> reaped.size() == 20 && noZombie());
    }

    private void unknown() throws Exception {
      Orphans orphans = Orphans.adopt();
      orphans.reaped().subscribe(reaped::add);
      int left =
          Integer.parseInt(
              Objects.requireNonNull(
                      Command.shell("setsid sh -c 'exit 9' >/dev/null 2>&1 & echo $!")
                          .text()
                          .block(Limits.SOON))
                  .strip());
      Await.until("it is ours", () -> Proc.children().getOrDefault(left, "").startsWith("Z"));
      Command.shell("(exit 9) >/dev/null 2>&1 & sleep 0.1").exit().block(Limits.SOON);
      Command.shell("(sleep 0.05; exit 9) >/dev/null 2>&1 & exit 0").exit().block(Limits.SOON);
      Await.until("the one with a group is reaped", () -> reaped.size() == 1);

      assertThat(Proc.children().get(left)).startsWith("Z");
      orphans.dispose();
      Orphans all = Orphans.adoptAll();
      Await.until("it is reaped", Main::noZombie);
      all.dispose();
    }

    /** They are in the group of another, as orphans are, and end before all are spawned. */
    private void pipelines(Orphans orphans) {
      orphans.reaped().subscribe(reaped::add);
      Command seven = Command.shell("exit 7");
      List<Integer> codes =
          Flux.range(0, 100)
              .flatMap(i -> seven.pipe(seven).pipe(seven).pipe(seven).exit(), 4)
              .flatMapIterable(PipelineResult::stages)
              .map(stage -> stage.status().code().orElse(-1))
              .collectList()
              .block(Limits.SOON);

      assertThat(codes).hasSize(400).containsOnly(7);
      assertThat(reaped).isEmpty();
      orphans.dispose();
    }

    private static boolean noZombie() {
      Map<Integer, String> children = Proc.children();
      return children.values().stream().noneMatch(state -> state.startsWith("Z"));
    }
  }
}
