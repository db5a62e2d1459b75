/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.signals.Signal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Handles and events of a pipeline. */
class PipelineLiveTest {
  private static final Command CAT = Command.of("cat");

  @Test
  void handle_writesToTheFirstAndReadsFromTheLast() {
    Pipeline pipeline = CAT.stdin(Stdin.pipe()).pipe(CAT);
    RunningPipeline running = pipeline.start().block(SOON);
    assertThat(running).isNotNull();

    Mono<Void> writing = running.stdin().write("one\ntwo\n").then(running.stdin().close());
    List<String> lines =
        Mono.zip(running.lines().collectList(), writing.thenReturn(true))
            .map(both -> both.getT1())
            .block(SOON);
    PipelineResult result = running.exit().block(SOON);

    assertThat(lines).containsExactly("one", "two");
    assertThat(result).isNotNull();
    assertThat(result.failures()).isEmpty();
    assertThat(running.isAlive()).isFalse();
    assertThat(running.pipeline()).isSameAs(pipeline);
    running.dispose();
  }

  @Test
  void handle_knowsEachStage() {
    RunningPipeline running =
        Command.of("sleep", "1000")
            .pipe(flux -> flux)
            .pipe(Command.of("sh", "-c", "echo err >&2; exec cat"))
            .start()
            .block(SOON);
    assertThat(running).isNotNull();

    assertThat(running.children()).hasSize(2).allMatch(RunningProcess::isAlive);
    assertThat(running.stage(2).command().argv()).startsWith("sh");
    assertThatThrownBy(() -> running.stage(1)).isInstanceOf(NoSuchElementException.class);
    String stderr =
        running
            .stderr(2)
            .map(
                chunk -> {
                  String text = chunk.toString(StandardCharsets.UTF_8);
                  chunk.release();
                  return text;
                })
            .blockFirst(SOON);
    assertThat(stderr).isEqualTo("err\n");

    assertThat(running.stage(0).signal(Signal.SIGINT).block(SOON)).isTrue();
    assertThat(running.stage(0).exit().block(SOON)).hasToString("SIGINT");
    assertThat(running.exit().block(SOON)).isNotNull();
    running.dispose();
  }

  @Test
  void terminatingOneStage_leavesTheOthersToEndByThemselves() {
    RunningPipeline running =
        Command.of("sleep", "1000").pipe(Command.of("wc", "-c")).start().block(SOON);
    assertThat(running).isNotNull();

    running.stage(0).terminate();

    assertThat(running.lines().collectList().block(SOON)).containsExactly("0");
    PipelineResult result = running.exit().block(SOON);
    assertThat(result).isNotNull();
    assertThat(result.stage(0).status()).hasToString("SIGTERM");
    assertThat(result.status().isSuccess()).isTrue();
    running.dispose();
  }

  @Test
  void lineEvents_tellTheLifeOfEachStage() {
    List<PipelineEvent> events =
        Command.of("sh", "-c", "echo to stderr >&2; echo through")
            .pipe(CAT)
            .lineEvents()
            .collectList()
            .block(SOON);

    assertThat(events).isNotNull();
    assertThat(ofStage(events, 0))
        .containsExactly("Started", "Line to stderr", "OutputEnded 2", "Exited");
    assertThat(ofStage(events, 1))
        .startsWith("Started")
        .contains("Line through", "OutputEnded 1", "OutputEnded 2", "Exited");
    assertThat(ofStage(events, 1).indexOf("Line through"))
        .isLessThan(ofStage(events, 1).indexOf("Exited"));
  }

  private static List<String> ofStage(List<PipelineEvent> events, int stage) {
    return events.stream()
        .filter(event -> event.stage() == stage)
        .map(event -> describe(event.event()))
        .sorted((a, b) -> Boolean.compare(a.equals("Exited"), b.equals("Exited")))
        .collect(Collectors.toList());
  }

  private static String describe(ProcessEvent event) {
    if (event instanceof ProcessEvent.Line line) {
      return "Line " + line.text();
    }
    if (event instanceof ProcessEvent.OutputEnded ended) {
      return "OutputEnded " + ended.summary().descriptor();
    }
    return event.getClass().getSimpleName();
  }

  @Test
  void errorOfTheStatus_comesAfterTheEvents() {
    StepVerifier.create(
            CAT.pipe(Command.of("false")).events().map(e -> describe(e.event())).collectList())
        .expectError(PipelineException.class)
        .verify(SOON);
  }

  @Test
  void noDemand_leavesTheFirstStageWaiting() {
    RunningPipeline running = Command.of("yes").pipe(CAT).start().block(SOON);
    assertThat(running).isNotNull();
    try {
      int yes = running.stage(0).pid().orElseThrow();

      long written = BackPressure.awaitStandstill(yes);

      assertThat(written).isLessThan(1 << 20); // two pipes and what cat holds
    } finally {
      running.dispose();
    }
  }

  @Test
  void demandOneByOne_givesEachLineOnce() {
    StepVerifier.create(Command.of("seq", "1", "5").pipe(CAT).lines(), 0)
        .thenRequest(1)
        .expectNext("1")
        .thenRequest(2)
        .expectNext("2", "3")
        .thenRequest(2)
        .expectNext("4", "5")
        .expectComplete()
        .verify(SOON);
  }
}
