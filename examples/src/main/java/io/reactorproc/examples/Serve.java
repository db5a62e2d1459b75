/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.Output;
import io.reactorproc.service.RunningService;
import io.reactorproc.service.Service;
import io.reactorproc.service.ServiceException;
import io.reactorproc.service.ServiceState;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.signals.Signals;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** A child that says how it is, and what it says. Ctrl-C ends it. */
@picocli.CommandLine.Command(
    name = "service",
    description = "Runs a command with a notify socket, as systemd does, and shows its states.",
    footerHeading = "%nExit status:%n",
    footer = "  the child's; 124 if it was not ready in time or gave no sign of life.",
    mixinStandardHelpOptions = true)
final class Serve implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-w", "--watchdog"},
      paramLabel = "TIME",
      description = "End it when it gives no sign of life for this long.")
  @Nullable Duration watchdog;

  @Option(
      names = {"-r", "--ready"},
      paramLabel = "TIME",
      description = "End it when it takes longer to become ready; 90s by default.")
  @Nullable Duration ready;

  @Parameters(arity = "1..*", paramLabel = "COMMAND")
  List<String> argv = List.of();

  @Override
  public Integer call() {
    PrintWriter out = Examples.out(spec);
    // Here, as listening to signals looks at files, which no event loop may.
    Sinks.One<SignalEvent> interruption = Sinks.one();
    Disposable listening =
        Signals.on(Signal.SIGINT, Signal.SIGTERM).subscribe(interruption::tryEmitValue);
    try {
      return run(out, interruption.asMono());
    } finally {
      listening.dispose();
    }
  }

  private int run(PrintWriter out, Mono<SignalEvent> interruption) {
    Service service =
        Service.of(Command.of(argv).stdout(Output.inherit()).stderr(Output.inherit()));
    if (watchdog != null) {
      service = service.watchdog(watchdog);
    }
    if (ready != null) {
      service = service.readyTimeout(ready);
    }
    return Mono.usingWhen(
            service.start(),
            running -> follow(running, interruption, out),
            running -> Mono.fromRunnable(running::dispose))
        .map(status -> status.shellStatus().orElse(Failures.OWN_FAILURE))
        .onErrorResume(
            ServiceException.class,
            failure -> {
              OutputGoneException.println(out, String.valueOf(failure.getMessage()));
              return Mono.just(Failures.TIMED_OUT);
            })
        .blockOptional()
        .orElseThrow();
  }

  private static Mono<ExitStatus> follow(
      RunningService running, Mono<SignalEvent> interruption, PrintWriter out) {
    Instant start = Instant.now();
    Disposable interrupted = interruption.subscribe(event -> running.terminate());
    return running
        .states()
        .map(state -> describe(start, state))
        .publishOn(Schedulers.boundedElastic())
        .doOnNext(line -> OutputGoneException.println(out, line))
        .then(running.exit())
        .doFinally(end -> interrupted.dispose());
  }

  private static String describe(Instant start, ServiceState state) {
    double seconds = Duration.between(start, Instant.now()).toMillis() / 1000.0;
    StringBuilder line = new StringBuilder(String.format("%8.3f  %s", seconds, state.phase()));
    state.exit().ifPresent(status -> line.append(": ").append(status));
    if (state.exit().isEmpty() && state.status().isPresent()) {
      Printable.append(line.append(": "), state.status().get());
    }
    return line.toString();
  }
}
