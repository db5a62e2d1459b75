/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * Runs jobs as parts of something else, with how they ended as a value.
 *
 * @param lent the descriptors that they share with others
 * @param deadline by which they must have ended
 * @param starts what a job that cannot be started is
 * @param current is told what runs
 */
record PartRunner(
    Map<Integer, LentDescriptor> lent, Deadline deadline, StartFailures starts, Current current) {

  Mono<JobEnd> run(Job job) {
    Mono<JobEnd> ended =
        Mono.defer(
                () -> {
                  if (job instanceof Command command) {
                    return run(command);
                  }
                  return job instanceof Pipeline pipeline ? run(pipeline) : run((Sequence) job);
                })
            .onErrorResume(
                ProcessExitException.class, exit -> Mono.fromSupplier(() -> JobEnd.of(exit)));
    return starts == StartFailures.ERROR
        ? ended
        : ended.onErrorResume(
            ProcessStartException.class,
            failure -> Mono.fromSupplier(() -> JobEnd.notStarted(failure)));
  }

  private Mono<JobEnd> run(Command command) {
    Command limited = deadline.limit(command);
    return Runs.collect(
        () -> Plan.of(limited, Wiring.Mode.EXIT, lent.keySet()),
        lent,
        parts -> JobEnd.of(command, parts.get(0)),
        current::begins);
  }

  private Mono<JobEnd> run(Pipeline pipeline) {
    Pipeline limited = deadline.limit(pipeline);
    if (starts == StartFailures.ERROR) {
      return exit(limited);
    }
    // The children of a pipeline start all or none, so that nothing has happened where one does
    // not. A shell starts those that it can.
    return exit(limited.withStartsOfSequencesAsStatuses())
        .onErrorResume(
            error -> error instanceof ProcessStartException start && start.stage().isPresent(),
            error -> exit(limited.withStartsAsStatuses()));
  }

  private Mono<JobEnd> exit(Pipeline pipeline) {
    return pipeline.exit(lent, current::begins).map(result -> JobEnd.of(pipeline, result));
  }

  private Mono<JobEnd> run(Sequence sequence) {
    return new SequenceRun(sequence, this).judged().map(result -> JobEnd.of(sequence, result));
  }
}
