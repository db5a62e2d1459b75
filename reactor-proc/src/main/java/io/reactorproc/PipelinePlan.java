/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.End;
import io.reactorproc.Wiring.Mode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the {@link Plan} of a pipeline: what each descriptor of each stage is. */
final class PipelinePlan {
  private final Pipeline pipeline;
  private final Mode mode;
  private final Set<Integer> lent;
  private final List<Stage> stages;

  private PipelinePlan(Pipeline pipeline, Mode mode, Set<Integer> lent) {
    this.pipeline = pipeline;
    this.mode = mode;
    this.lent = lent;
    this.stages = pipeline.stages();
  }

  static Plan of(Pipeline pipeline, Mode mode, Set<Integer> lent) {
    return new PipelinePlan(pipeline, mode, lent).plan();
  }

  private Plan plan() {
    if (stages.get(stages.size() - 1) instanceof JavaStage) {
      throw new InvalidCommandException(
          "the last stage is in Java, which can be run by bytes(), lines() and text() only");
    }
    Settings whole = pipeline.whole();
    List<Planned> members = new ArrayList<>(stages.size());
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      if (stage instanceof Stage.Program program) {
        Command command = program.command().within(whole);
        members.add(new PlannedChild(i, command, Wiring.of(command.settings(), mode, given(i))));
      } else if (stage instanceof Stage.Nested nested) {
        Settings settings =
            Settings.DEFAULT.within(whole).with(s -> s.outputs = Map.of(2, nested.stderr()));
        members.add(new PlannedJob(i, nested.job(), settings, Wiring.of(settings, mode, given(i))));
      }
    }
    PipelineJudge judge = new PipelineJudge(pipeline.toString(), pipeline.policy(), isChecked());
    return new Plan(pipeline, whole, members, judge, pipeline.order());
  }

  /** As for a command: what is only looked at is checked where a policy was set. */
  private boolean isChecked() {
    return switch (mode) {
      case START -> false;
      case EXIT -> pipeline.hasPolicy();
      case OUTPUT, BYTES, EVENTS -> true;
    };
  }

  /** What is made for this stage, where it does not send a descriptor elsewhere itself. */
  private Map<Integer, End> given(int position) {
    Map<Integer, End> given = new HashMap<>(4);
    if (position > 0) {
      given.put(
          0,
          stages.get(position - 1) instanceof JavaStage java
              ? new Wiring.StageInput(java)
              : Wiring.FROM_BEFORE);
    } else if (lent.contains(0)) {
      given.put(0, Wiring.LENT);
    }
    if (position < stages.size() - 1) {
      given.put(1, stages.get(position + 1) instanceof JavaStage ? Wiring.TO_JAVA : Wiring.TO_NEXT);
    } else if (lent.contains(1)) {
      given.put(1, Wiring.LENT);
    }
    if (lent.contains(2)) {
      given.put(2, Wiring.LENT);
    } else if (mode == Mode.OUTPUT) {
      given.put(2, Wiring.EXCERPT);
    }
    return given;
  }
}
