/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ProcessEvent.Exited;
import io.reactorproc.ProcessEvent.Line;
import io.reactorproc.ProcessEvent.OutputEnded;
import io.reactorproc.ProcessEvent.Started;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The exit of a child and the end of its output are two facts. */
class EndOfOutputTest {

  @Test
  void lifeOfAChild_isToldInOrder() {
    List<ProcessEvent> life =
        Command.of("sh", "-c", "echo one; echo two >&2; echo three")
            .lineEvents()
            .collectList()
            .block(Limits.SOON);

    assertThat(life).isNotNull();
    assertThat(life.get(0)).isInstanceOf(Started.class);
    assertThat(life.stream().filter(Line.class::isInstance).map(e -> ((Line) e).text()))
        .containsExactlyInAnyOrder("one", "two", "three");
    assertThat(life.stream().filter(OutputEnded.class::isInstance)).hasSize(2);
    int exit = life.indexOf(life.stream().filter(Exited.class::isInstance).findFirst().get());
    assertThat(life.subList(exit, life.size())).noneMatch(Line.class::isInstance);
  }

  @Test
  void grandchildThatHoldsTheOutput_delaysItsEndAndNotTheExit() {
    Duration grace = Duration.ofMillis(300);
    List<ProcessEvent> life =
        Command.of("sh", "-c", "sleep 1000 & echo $!")
            .outputGrace(grace)
            .lineEvents()
            .collectList()
            .block(Limits.SOON);

    assertThat(life).isNotNull();
    Line line = (Line) life.get(1);
    int grandchild = Integer.parseInt(line.text());
    try {
      assertThat(life.get(2)).isInstanceOf(Exited.class);
      Optional<OutputSummary> stdout =
          life.stream()
              .filter(OutputEnded.class::isInstance)
              .map(e -> ((OutputEnded) e).summary())
              .filter(summary -> summary.descriptor() == 1)
              .findFirst();
      assertThat(stdout).isPresent();
      assertThat(stdout.get().end()).isEqualTo(StreamEnd.ABANDONED);
      assertThat(stdout.get().holders()).contains(grandchild);
    } finally {
      ProcessHandle.of(grandchild).ifPresent(ProcessHandle::destroyForcibly);
      Await.until("the grandchild is gone", () -> !Proc.isRunning(grandchild));
    }
  }

  @Test
  void whatAGrandchildWritesWithinTheGrace_isDelivered() {
    ProcessResult result =
        Command.of("sh", "-c", "(sleep 0.2; echo late) & echo early")
            .outputGrace(Duration.ofSeconds(10))
            .output()
            .block(Limits.SOON);

    assertThat(result).isNotNull();
    assertThat(result.stdoutText()).isEqualTo("early\nlate\n");
    assertThat(result.summary(1).orElseThrow().end()).isEqualTo(StreamEnd.END_OF_FILE);
  }
}
