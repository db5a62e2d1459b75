/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.Output;
import io.reactorproc.ipc.Records;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.signals.Signals;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Endless children merged into one stream, and ended by a signal. */
@picocli.CommandLine.Command(
    name = "tail",
    description = "Follows several files with tail -F, each line with its file, until Ctrl-C.",
    mixinStandardHelpOptions = true)
final class Tail implements Callable<Integer> {
  private static final Records PIECES =
      Records.lines().maxLength(64 * 1024).onOverflow(Records.Overflow.SPLIT);

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-n", "--lines"},
      defaultValue = "5",
      description = "Begin with so many of the last lines; 5 by default.")
  int lines;

  @Parameters(arity = "1..*", paramLabel = "FILE")
  List<String> files = List.of();

  @Override
  public Integer call() {
    var out = Examples.out(spec);
    Sinks.One<Integer> status = Sinks.one();
    Mono<SignalEvent> end =
        Signals.on(Signal.SIGINT, Signal.SIGTERM)
            .next()
            .doOnNext(event -> status.tryEmitValue(128 + event.signal().number()));
    Flux.fromIterable(files)
        .flatMap(this::follow, files.size())
        .takeUntilOther(end) // cancels them all
        .publishOn(Schedulers.boundedElastic())
        .doOnNext(line -> OutputGoneException.println(out, line))
        .blockLast();
    status.tryEmitValue(0);
    return status.asMono().blockOptional().orElseThrow();
  }

  private Flux<String> follow(String file) {
    return Command.of("tail", "-n", Integer.toString(lines), "-F", "--", file)
        .stderr(Output.inherit()) // where tail says that a file has come or gone
        .records(PIECES)
        .lines()
        .map(line -> file + ": " + line);
  }
}
