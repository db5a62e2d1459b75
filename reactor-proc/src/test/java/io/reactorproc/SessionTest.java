/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.ChildDescriptorsTest.whileRunning;
import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Children that lead sessions of their own. */
class SessionTest {
  private static final Command SLEEP = Command.of("sleep", "1000");
  private static final Command TREE = Command.shell("sleep 1000 & echo $! >&2; wait");

  @Test
  void child_leadsASessionAndAGroup() {
    whileRunning(
        SLEEP.newSession(),
        pid -> {
          assertThat(ProcStat.session(pid)).isEqualTo(pid);
          assertThat(ProcStat.group(pid)).isEqualTo(pid);
        });
  }

  @Test
  void lastWordOnTheGroup_counts() {
    whileRunning(
        SLEEP.newSession().inheritProcessGroup(),
        pid -> assertThat(ProcStat.session(pid)).isEqualTo(ProcStat.session(Proc.self())));
    whileRunning(
        SLEEP.inheritProcessGroup().newSession(),
        pid -> assertThat(ProcStat.session(pid)).isEqualTo(pid));
  }

  @Test
  void child_isEndedWithItsGroup() {
    RunningProcess running = Objects.requireNonNull(TREE.newSession().start().block(SOON));
    int grandchild = number(running);

    running.dispose();

    assertThat(running.exit().block(SOON)).hasToString("SIGTERM");
    Await.until("its child is gone", () -> !Proc.isRunning(grandchild));
  }

  private static int number(RunningProcess running) {
    return Integer.parseInt(
        Objects.requireNonNull(
                running
                    .stderr()
                    .map(
                        chunk -> {
                          String text = chunk.toString(StandardCharsets.UTF_8);
                          chunk.release();
                          return text;
                        })
                    .blockFirst(SOON))
            .strip());
  }

  @Test
  void stages_leadSessionsOfTheirOwn_andPauseAndResumeReachThemAll() {
    RunningPipeline running =
        Objects.requireNonNull(TREE.pipe(TREE).newSession().start().block(SOON));
    List<Integer> grandchildren = running.children().stream().map(SessionTest::number).toList();
    List<Integer> stages =
        running.children().stream().map(stage -> stage.pid().orElseThrow()).toList();
    stages.forEach(pid -> assertThat(ProcStat.session(pid)).isEqualTo(pid));

    assertThat(running.pause().block(SOON)).isTrue();
    Await.until(
        "all are stopped",
        () -> grandchildren.stream().allMatch(pid -> ProcStat.state(pid).equals("T")));
    assertThat(running.stage(1).resume().block(SOON)).isTrue();
    Await.until("the second goes on", () -> !ProcStat.state(grandchildren.get(1)).equals("T"));
    assertThat(ProcStat.state(grandchildren.get(0))).isEqualTo("T");

    running.dispose();
    running.exit().block(SOON);
    Await.until("all are gone", () -> grandchildren.stream().noneMatch(Proc::isRunning));
  }

  @ParameterizedTest
  @EnumSource(EndingOrder.class)
  void groupOfEachStage_isEndedWithIt(EndingOrder order) {
    RunningPipeline running =
        Objects.requireNonNull(
            TREE.pipe(TREE).pipe(TREE).newSession().ending(order).start().block(SOON));
    List<Integer> grandchildren = running.children().stream().map(SessionTest::number).toList();

    running.terminate();
    PipelineResult result = running.exit().block(SOON);
    running.dispose();

    assertThat(result).isNotNull();
    Await.until("all are gone", () -> grandchildren.stream().noneMatch(Proc::isRunning));
  }

  /** The second stage ends by itself, when the first is told, before its own turn. */
  @Test
  void groupOfAStageThatEndsBeforeItsTurn_isEndedToo() {
    Command leaves =
        Command.shell("sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >&2; cat >/dev/null");
    RunningPipeline running =
        Objects.requireNonNull(SLEEP.pipe(leaves).newSession().start().block(SOON));
    int left = number(running.stage(1));

    running.terminate();
    running.exit().block(SOON);
    running.dispose();

    Await.until("what it left is gone", () -> !Proc.isRunning(left));
  }
}
