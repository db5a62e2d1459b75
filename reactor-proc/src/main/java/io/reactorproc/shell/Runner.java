/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.Pipeline;
import io.reactorproc.PipelineResult;
import io.reactorproc.ProcessStartException;
import io.reactorproc.shell.Node.Group;
import io.reactorproc.shell.Node.Redirectable;
import io.reactorproc.shell.Node.Simple;
import io.reactorproc.shell.ScriptException.Reason;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Runs the syntax tree: each command is expanded when it is reached, becomes a {@link Command} or a
 * stage of a {@link Pipeline}, and its status decides how to go on. For one run.
 */
final class Runner {
  private final CommandPlanner planner;
  private final ScriptSettings settings;
  private final Steps steps;
  private final Complaints complaints;

  Runner(Parsed parsed, ScriptSettings settings, Steps steps) {
    this.planner = new CommandPlanner(parsed.values(), settings);
    this.settings = settings;
    this.steps = steps;
    this.complaints = new Complaints(steps);
  }

  /** Runs a part of the tree; the answer is its status. */
  Mono<Integer> run(Node node, Streams streams) {
    if (node instanceof Node.Steps list) {
      return Flux.fromIterable(list.nodes()).concatMap(step -> run(step, streams)).last();
    }
    if (node instanceof Node.Choice choice) {
      return Mono.defer(() -> choose(choice, streams));
    }
    if (node instanceof Node.Not not) {
      return run(not.node(), streams).map(status -> status == 0 ? 1 : 0);
    }
    if (node instanceof Node.Pipe pipe) {
      return new PipeRun(this, planner, pipe.stages()).run(streams);
    }
    return stage((Redirectable) node, streams);
  }

  private Mono<Integer> choose(Node.Choice choice, Streams streams) {
    int[] status = new int[1]; // written by one inner Mono after the other
    return run(choice.first(), streams)
        .doOnNext(first -> status[0] = first)
        .thenMany(Flux.fromIterable(choice.rest()))
        .concatMap(
            link ->
                (status[0] == 0) == link.onSuccess()
                    ? run(link.node(), streams).doOnNext(next -> status[0] = next)
                    : Mono.empty())
        .then(Mono.fromSupplier(() -> status[0]));
  }

  /** Runs what can be a stage of a pipeline or stand for itself. */
  Mono<Integer> stage(Redirectable node, Streams streams) {
    return node instanceof Group group ? group(group, streams) : simple((Simple) node, streams);
  }

  private Mono<Integer> group(Group group, Streams streams) {
    if (group.redirects().isEmpty()) {
      return run(group.body(), streams);
    }
    return Mono.defer(() -> redirected(group, new GroupStreams(), streams))
        .onErrorResume(CannotOpenException.class, e -> complaints.of(e, "a group", streams));
  }

  private Mono<Integer> redirected(Group group, GroupStreams files, Streams streams) {
    return Mono.fromCallable(() -> files.open(planner.redirects(group, streams)))
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(inside -> run(group.body(), inside, files))
        .doFinally(end -> files.close());
  }

  private Mono<Integer> run(Node body, Streams inside, GroupStreams files) {
    // What feeds the group ends when the reading end is closed, which has to be after the body.
    Mono<Integer> status = run(body, inside).doFinally(end -> files.close());
    return Mono.zip(files.feeding(), status).map(ended -> ended.getT2());
  }

  private Mono<Integer> simple(Simple node, Streams streams) {
    return planner
        .plan(node, streams)
        .flatMap(this::execute)
        .onErrorResume(CannotOpenException.class, e -> complaints.of(e, "a command", streams));
  }

  private Mono<Integer> execute(CommandPlan plan) {
    Command command = plan.command().termination(settings.termination);
    return (settings.runtime == null ? command : command.on(settings.runtime))
        .exit()
        .flatMap(exit -> ended(command.toString(), exit))
        .onErrorResume(ProcessStartException.class, e -> complaints.of(e, plan));
  }

  /** Runs a pipeline, each stage of which is there. */
  Mono<Integer> execute(Pipeline pipeline) {
    Pipeline whole = pipeline.termination(settings.termination);
    return (settings.runtime == null ? whole : whole.on(settings.runtime))
        .exit()
        .flatMap(this::ended);
  }

  private Mono<Integer> ended(PipelineResult result) {
    return Flux.fromIterable(result.stages())
        .concatMap(stage -> ended(stage.command(), stage.status()))
        .last();
  }

  private Mono<Integer> ended(String command, ExitStatus exit) {
    if (exit.shellStatus().isEmpty()) {
      return Mono.error(
          new ScriptException(
              Reason.STATUS_LOST,
              command + " ended, but something else in this JVM took its status",
              null,
              "",
              steps.toList()));
    }
    int status = exit.shellStatus().getAsInt();
    steps.ended(command, status, exit);
    return Mono.just(status);
  }
}
