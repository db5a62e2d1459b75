/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.HashMap;
import java.util.Map;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Sinks;

/** Starts a pipeline for {@link Pipeline#start()}. */
final class PipelineStart extends HandleRun<RunningPipeline> {
  private final Pipeline pipeline;
  private final Sinks.One<PipelineResult> exit = Sinks.one();
  private final Map<Part, Sinks.One<ExitStatus>> exits = new HashMap<>();
  private boolean exitSaid;

  PipelineStart(Pipeline pipeline, Plan plan, CoreSubscriber<? super RunningPipeline> actual) {
    super(plan, actual);
    this.pipeline = pipeline;
    for (Part part : parts()) {
      if (part.isChild()) {
        exits.put(part, Sinks.one());
      }
    }
  }

  @Override
  RunningPipeline handle() {
    Map<Integer, RunningProcess> stages = new HashMap<>();
    exits.forEach(
        (part, said) ->
            stages.put(
                part.position(),
                new RunningProcess(part.command(), part.child(), streams(part), said)));
    Part last = parts().get(parts().size() - 1);
    return new RunningPipeline(pipeline, this, stages, streams(last).get(1), exit);
  }

  @Override
  void progressed() {
    if (!isLaunched() || exitSaid) {
      return;
    }
    // A sink that has its value refuses another one, which is all that is meant here.
    exits.forEach(
        (part, said) -> {
          if (part.child().hasEnded()) {
            said.tryEmitValue(part.status());
          }
        });
    if (allReaped()) {
      exitSaid = true;
      sayExit();
    }
  }

  private void sayExit() {
    Throwable error = verdict();
    try {
      if (error == null) {
        exit.tryEmitValue(PipelineResult.of(parts(), pipeline.policy()));
        return;
      }
    } catch (RuntimeException thrown) {
      error = thrown; // a predicate of the user's
    }
    exit.tryEmitError(error);
  }
}
