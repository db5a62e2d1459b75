/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.ProcessExitException;
import io.reactorproc.Termination;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A timeout, and the ladder down which it sends a child. */
@picocli.CommandLine.Command(
    name = "deadline",
    description = "Ends a child that is late: SIGTERM, patience, SIGKILL. By default a deaf one.",
    mixinStandardHelpOptions = true)
final class Deadline implements Callable<Integer> {
  private static final List<String> DEAF =
      List.of("sh", "-c", "trap '' TERM; echo 'I ignore SIGTERM'; while :; do sleep 0.1; done");

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-t", "--timeout"},
      defaultValue = "500ms",
      description = "Its time to live; 500ms by default.")
  Duration timeout = Duration.ZERO;

  @Option(
      names = {"-p", "--patience"},
      defaultValue = "500ms",
      description = "From SIGTERM to SIGKILL; 500ms by default.")
  Duration patience = Duration.ZERO;

  @Parameters(arity = "0..*", paramLabel = "COMMAND")
  List<String> argv = List.of();

  @Override
  public Integer call() {
    var out = Examples.out(spec);
    Narrator narrator = new Narrator();
    return Command.of(argv.isEmpty() ? DEAF : argv)
        .timeout(timeout)
        .termination(Termination.graceful(patience))
        .lineEvents()
        .publishOn(Schedulers.boundedElastic())
        .doOnNext(event -> OutputGoneException.println(out, narrator.tell(event).toString()))
        .then(Mono.just(0))
        .onErrorResume(
            ProcessExitException.class,
            failure -> {
              OutputGoneException.println(
                  out, narrator.remark(failure.reason() + ": " + failure.status()).toString());
              return Mono.just(
                  failure.reason() == ProcessExitException.Reason.TIMEOUT
                      ? Failures.TIMED_OUT
                      : failure.status().shellStatus().orElse(Failures.OWN_FAILURE));
            })
        .blockOptional()
        .orElseThrow();
  }
}
