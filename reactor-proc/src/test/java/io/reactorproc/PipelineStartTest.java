/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.testkit.Proc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** How the children of a pipeline come to be: joined by the kernel, in one group, or not at all. */
class PipelineStartTest {
  private static final Command SLEEP = Command.of("sleep", "1000");

  @Test
  void neighbours_shareOnePipeOfWhichTheJvmHoldsNothing() {
    RunningPipeline running = SLEEP.pipe(SLEEP).pipe(SLEEP).start().block(SOON);
    assertThat(running).isNotNull();
    try {
      List<Map<Integer, String>> links =
          running.children().stream()
              .map(child -> Proc.descriptors(child.pid().orElseThrow()))
              .collect(Collectors.toList());

      String first = links.get(0).get(1);
      String second = links.get(1).get(1);
      assertThat(first).startsWith("pipe:[").isEqualTo(links.get(1).get(0)).isNotEqualTo(second);
      assertThat(second).startsWith("pipe:[").isEqualTo(links.get(2).get(0));
      assertThat(links).allSatisfy(link -> assertThat(link).containsOnlyKeys(0, 1, 2));
      assertThat(Proc.descriptors().values()).doesNotContain(first, second);
      assertThat(links.get(2).get(1)).isNotIn(first, second);
      assertThat(Proc.descriptors().values()).contains(links.get(2).get(1));
    } finally {
      running.dispose();
    }
  }

  @Test
  void children_areOneProcessGroupThatTheFirstLeads() {
    RunningPipeline running = Command.of("true").pipe(SLEEP).pipe(SLEEP).start().block(SOON);
    assertThat(running).isNotNull();
    try {
      int group = Kernel.system().processGroup(running.stage(1).pid().orElseThrow());

      assertThat(running.stage(0).exit().block(SOON)).matches(ExitStatus::isSuccess);
      assertThat(Kernel.system().processGroup(running.stage(2).pid().orElseThrow()))
          .isEqualTo(group)
          .isNotEqualTo(Kernel.system().processGroup(Proc.self()));
    } finally {
      running.dispose();
    }
  }

  @Test
  void inheritedGroup_isThatOfTheJvm() {
    RunningPipeline running = SLEEP.pipe(SLEEP).inheritProcessGroup().start().block(SOON);
    assertThat(running).isNotNull();
    try {
      assertThat(running.children())
          .allSatisfy(
              child ->
                  assertThat(Kernel.system().processGroup(child.pid().orElseThrow()))
                      .isEqualTo(Kernel.system().processGroup(Proc.self())));
    } finally {
      running.dispose();
    }
  }

  @ParameterizedTest(name = "stage {0}")
  @ValueSource(ints = {0, 1, 2})
  void missingProgram_isFoundOutBeforeAnyStageRuns(int position, @TempDir Path directory) {
    Path trace = directory.resolve("trace");
    Command good = Command.of("touch", trace.toString());
    Command missing = Command.of("no-such-program");
    Pipeline pipeline =
        position == 0 ? missing.pipe(good) : good.pipe(position == 1 ? missing : good);
    pipeline = pipeline.pipe(position == 2 ? missing : good);

    StepVerifier.create(pipeline.output())
        .expectErrorSatisfies(
            error -> {
              assertThat(error)
                  .isInstanceOf(ProcessStartException.class)
                  .hasMessageContaining("stage " + (position + 1) + " of ");
              assertThat(((ProcessStartException) error).reason()).isEqualTo(Reason.EXECUTABLE);
              assertThat(((ProcessStartException) error).stage()).hasValue(position);
            })
        .verify(SOON);

    assertThat(trace).doesNotExist();
    assertThat(Proc.children()).isEmpty();
  }

  @Test
  void noProgramAfterAll_endsTheStagesThatRun(@TempDir Path directory) throws Exception {
    Path notOne = Files.writeString(directory.resolve("notOne"), "neither script nor binary");
    assertThat(notOne.toFile().setExecutable(true)).isTrue();

    StepVerifier.create(SLEEP.pipe(Command.of(notOne.toString())).pipe(SLEEP).exit())
        .expectErrorSatisfies(
            error -> assertThat(((ProcessStartException) error).stage()).hasValue(1))
        .verify(SOON);

    assertThat(Proc.children()).isEmpty();
  }
}
