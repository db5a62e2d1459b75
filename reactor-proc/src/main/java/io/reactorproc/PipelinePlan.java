/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.End;
import io.reactorproc.Wiring.Mode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
    Stage last = stages.get(stages.size() - 1);
    if (last instanceof TapStage) {
      throw new InvalidCommandException("a tap stands between two commands, not at the end");
    }
    if (last instanceof JavaStage) {
      throw new InvalidCommandException(
          "the last stage is in Java, which can be run by bytes(), lines() and text() only");
    }
    Settings whole = pipeline.whole();
    List<Planned> members = new ArrayList<>(stages.size());
    int position = 0;
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      if (stage instanceof Stage.Program program) {
        Command command = program.command().within(whole);
        List<Wiring.Port> ports = Wiring.of(command.settings(), mode, given(i));
        members.add(new PlannedChild(position, command, ports));
      } else if (stage instanceof Stage.Nested nested) {
        if (whole.foreground) {
          throw StageCheck.refused(
              i, stage, "the groups of its children are not the one that is in the foreground");
        }
        if (nested.job() instanceof NestedSequence job) {
          job.sequence().check(madeFor(i));
        }
        Settings settings =
            Settings.DEFAULT.within(whole).with(s -> s.outputs = Map.of(2, nested.stderr()));
        List<Wiring.Port> ports = Wiring.of(settings, mode, given(i));
        members.add(new PlannedJob(position, nested.job(), settings, ports));
      }
      if (!(stage instanceof TapStage)) {
        position++; // a look at what flows changes no numbers
      }
    }
    PipelineJudge judge = new PipelineJudge(pipeline.toString(), pipeline.policy(), isChecked());
    return new Plan(pipeline, whole, members, judge, pipeline.order());
  }

  /** Which descriptors the steps of a sequence at this place share with the pipeline. */
  private Set<Integer> madeFor(int position) {
    Set<Integer> made = new HashSet<>(given(position).keySet());
    if (mode != Mode.EXIT) {
      made.addAll(Set.of(1, 2));
    }
    return made;
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
      given.put(0, inputFrom(stages.get(position - 1)));
    } else if (lent.contains(0)) {
      given.put(0, Wiring.LENT);
    }
    if (position < stages.size() - 1) {
      given.put(1, outputTo(stages.get(position + 1)));
    } else if (lent.contains(1)) {
      given.put(1, Wiring.LENT);
    }
    if (lent.contains(2)) {
      given.put(2, Wiring.LENT);
    } else if (mode == Mode.OUTPUT && !pipeline.whole().foreground) {
      given.put(2, Wiring.EXCERPT);
    }
    return given;
  }

  private static End inputFrom(Stage before) {
    if (before instanceof JavaStage java) {
      return new Wiring.StageInput(java);
    }
    return before instanceof TapStage tap ? new Wiring.TapInput(tap) : Wiring.FROM_BEFORE;
  }

  private static End outputTo(Stage next) {
    if (next instanceof JavaStage) {
      return Wiring.TO_JAVA;
    }
    return next instanceof TapStage ? Wiring.TO_TAP : Wiring.TO_NEXT;
  }
}
