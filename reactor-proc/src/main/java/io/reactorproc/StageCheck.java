/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Settings.Group;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what makes no sense at its place in a pipeline, when the pipeline is composed: a redirect
 * of what is joined, and settings that only a pipeline as a whole can have.
 */
final class StageCheck {
  private StageCheck() {}

  static void check(List<Stage> stages) {
    for (int i = 0; i < stages.size(); i++) {
      if (stages.get(i) instanceof Stage.Program program) {
        Command command = program.command();
        Settings settings = command.settings();
        if (settings.pty != null) {
          throw refused(
              i, command, "a command on a terminal of its own cannot be part of a pipeline");
        }
        checkJoints(i, stages.size(), command, settings);
        checkWhole(i, command, settings);
      } else if (stages.get(i) instanceof Stage.Nested nested
          && nested.job() instanceof NestedSequence job) {
        checkJoints(i, stages.size(), nested, job.sequence().whole());
      }
      if (i > 0) {
        checkTap(stages, i);
      }
    }
  }

  private static void checkTap(List<Stage> stages, int position) {
    Stage before = stages.get(position - 1);
    Stage stage = stages.get(position);
    boolean misplaced =
        (stage instanceof TapStage && !isOfChildren(before))
            || (before instanceof TapStage && !isOfChildren(stage));
    if (misplaced) {
      throw refused(
          position, stage, "a tap stands between two commands; a stage in Java sees all by itself");
    }
  }

  private static boolean isOfChildren(Stage stage) {
    return stage instanceof Stage.Program || stage instanceof Stage.Nested;
  }

  private static void checkJoints(int position, int stages, Object stage, Settings settings) {
    if (position > 0 && settings.inputs.containsKey(0)) {
      throw refused(
          position, stage, "its stdin is the output of the stage before and cannot be set");
    }
    if (position < stages - 1 && !(settings.output(1) instanceof Output.Standard)) {
      throw refused(position, stage, "its stdout is the input of the next stage and cannot be set");
    }
  }

  /** Set on a stage, these would be overridden by those of the pipeline: better to say so. */
  private static void checkWhole(int position, Command command, Settings settings) {
    Settings unset = Settings.DEFAULT;
    whole(isSet(settings.name, unset.name), position, command, "named");
    whole(isSet(settings.timeout, unset.timeout), position, command, "timeout");
    whole(isSet(settings.idleTimeout, unset.idleTimeout), position, command, "idleTimeout");
    whole(isSet(settings.startTimeout, unset.startTimeout), position, command, "startTimeout");
    whole(isSet(settings.outputGrace, unset.outputGrace), position, command, "outputGrace");
    whole(isSet(settings.termination, unset.termination), position, command, "termination");
    whole(settings.captureLimit != unset.captureLimit, position, command, "captureLimit");
    whole(isSet(settings.records, unset.records), position, command, "records");
    whole(isSet(settings.decoding, unset.decoding), position, command, "decoding");
    whole(settings.group == Group.INHERITED, position, command, "inheritProcessGroup");
    whole(settings.group == Group.SESSION, position, command, "newSession");
    whole(settings.foreground, position, command, "foreground");
    whole(isSet(settings.life, unset.life), position, command, "detached");
    whole(settings.pipeCapacity != unset.pipeCapacity, position, command, "pipeCapacity");
    whole(isSet(settings.cgroups, unset.cgroups), position, command, "cgroup");
    whole(isSet(settings.runtime, unset.runtime), position, command, "on");
  }

  /** What was never set is the very value of the defaults. */
  private static boolean isSet(@Nullable Object value, @Nullable Object unset) {
    return value != unset;
  }

  private static void whole(boolean set, int position, Command command, String setting) {
    if (set) {
      throw refused(
          position, command, setting + " is for the pipeline as a whole: set it there, not here");
    }
  }

  static InvalidCommandException refused(int position, Object stage, String why) {
    return new InvalidCommandException("stage " + (position + 1) + ", " + stage + ": " + why);
  }
}
