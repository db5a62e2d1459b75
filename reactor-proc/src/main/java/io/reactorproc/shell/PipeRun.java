/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Command;
import io.reactorproc.Pipeline;
import io.reactorproc.ProcessStartException;
import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.shell.CommandPlanner.Draft;
import io.reactorproc.shell.Node.Redirectable;
import io.reactorproc.shell.Node.Simple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Runs stages that are joined by pipes. Where they are plain commands, all of which can be started,
 * they become a {@link Pipeline}. Groups, redirects of what is joined, and a program that is
 * missing while the others run nevertheless, are run each by itself over pipes that are made here.
 */
final class PipeRun {
  private final Runner runner;
  private final CommandPlanner planner;
  private final List<Redirectable> stages;

  PipeRun(Runner runner, CommandPlanner planner, List<Redirectable> stages) {
    this.runner = runner;
    this.planner = planner;
    this.stages = stages;
  }

  Mono<Integer> run(Streams streams) {
    return Mono.fromCallable(() -> pipeline(streams))
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(
            pipeline ->
                pipeline
                    .map(whole -> execute(whole, streams))
                    .orElseGet(() -> Mono.defer(() -> runJoined(streams))));
  }

  /**
   * A file is opened before the first child starts: nothing has been done yet that is done anew.
   */
  private Mono<Integer> execute(Pipeline pipeline, Streams streams) {
    return runner
        .execute(pipeline)
        .onErrorResume(
            e -> e instanceof ProcessStartException start && start.reason() == Reason.REDIRECT,
            e -> Mono.defer(() -> runJoined(streams)));
  }

  /** The pipeline, if it can be one. Looks for files. */
  private Optional<Pipeline> pipeline(Streams streams) {
    Pipeline pipeline = null;
    Command first = null;
    for (int i = 0; i < stages.size(); i++) {
      Optional<Command> command = plain(i, streams);
      if (command.isEmpty()) {
        return Optional.empty();
      }
      if (first == null) {
        first = command.get();
      } else {
        pipeline = pipeline == null ? first.pipe(command.get()) : pipeline.pipe(command.get());
      }
    }
    return Optional.ofNullable(pipeline);
  }

  private Optional<Command> plain(int position, Streams streams) {
    boolean last = position == stages.size() - 1;
    if (!(stages.get(position) instanceof Simple simple)) {
      return Optional.empty();
    }
    Slot in = position == 0 ? streams.in() : Slot.FROM_BEFORE;
    Slot out = last ? streams.out() : Slot.TO_NEXT;
    try {
      Draft draft = planner.draft(simple, new Streams(in, out, streams.err()));
      Streams result = draft.redirects().streams();
      boolean isJoined =
          (position == 0 || result.in() == Slot.FROM_BEFORE)
              && (last || result.out() == Slot.TO_NEXT)
              && draft.redirects().overridden().isEmpty();
      if (!isJoined) {
        return Optional.empty();
      }
      CommandPlan plan = planner.plan(draft);
      return planner.isThere(plan.program(), draft.assignments())
          ? Optional.of(plan.command())
          : Optional.empty();
    } catch (CannotOpenException e) {
      return Optional.empty(); // said when the stage is run by itself
    }
  }

  /** Each stage by itself; the status is that of the last. */
  private Mono<Integer> runJoined(Streams streams) {
    List<Joint> joints = new ArrayList<>();
    try {
      for (int i = 1; i < stages.size(); i++) {
        joints.add(Joint.open());
      }
    } catch (SystemCallException e) {
      joints.forEach(Joint::close);
      return Mono.error(e);
    }
    List<Mono<Integer>> statuses = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      statuses.add(stage(i, joints, streams));
    }
    return Mono.zip(statuses, all -> (Integer) all[all.length - 1])
        .doFinally(end -> joints.forEach(Joint::close));
  }

  private Mono<Integer> stage(int position, List<Joint> joints, Streams streams) {
    boolean last = position == stages.size() - 1;
    Slot in = position == 0 ? streams.in() : joints.get(position - 1).readEnd();
    Slot out = last ? streams.out() : joints.get(position).writeEnd();
    return runner
        .stage(stages.get(position), new Streams(in, out, streams.err()))
        .doFinally(
            end -> {
              if (position > 0) {
                joints.get(position - 1).closeReading();
              }
              if (!last) {
                joints.get(position).closeWriting();
              }
            });
  }
}
