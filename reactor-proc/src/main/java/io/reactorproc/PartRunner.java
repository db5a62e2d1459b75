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
 */
record PartRunner(Map<Integer, LentDescriptor> lent, Deadline deadline, StartFailures starts) {

  Mono<Ended> run(Job job) {
    Mono<Ended> ended =
        Mono.defer(
                () -> {
                  if (job instanceof Command command) {
                    return run(command);
                  }
                  return job instanceof Pipeline pipeline ? run(pipeline) : run((Sequence) job);
                })
            .onErrorResume(
                ProcessExitException.class, exit -> Mono.fromSupplier(() -> Ended.of(exit)));
    return starts == StartFailures.ERROR
        ? ended
        : ended.onErrorResume(
            ProcessStartException.class,
            failure -> Mono.fromSupplier(() -> Ended.notStarted(failure)));
  }

  private Mono<Ended> run(Command command) {
    Command limited = deadline.limit(command);
    return Runs.collect(
        () -> Plan.of(limited, Wiring.Mode.EXIT, lent.keySet()),
        lent,
        parts -> Ended.of(command, parts.get(0)));
  }

  private Mono<Ended> run(Pipeline pipeline) {
    return deadline.limit(pipeline).exit(lent).map(result -> Ended.of(pipeline, result));
  }

  private Mono<Ended> run(Sequence sequence) {
    return new SequenceRun(sequence, this).judged().map(result -> Ended.of(sequence, result));
  }
}
