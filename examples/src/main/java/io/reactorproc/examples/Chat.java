/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.Output;
import io.reactorproc.RunningProcess;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.flow.WriteOutcome;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A co-process: a child that lives on while we write to it and read from it. */
@picocli.CommandLine.Command(
    name = "chat",
    description = "Sends each line of ours to a live child and shows what it answers.",
    mixinStandardHelpOptions = true)
final class Chat implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "Whom to talk to, such as bc -q; cat by default, which says the same.")
  List<String> argv = List.of();

  @Override
  public Integer call() {
    PrintWriter out = Examples.out(spec);
    return Command.of(argv.isEmpty() ? List.of("cat") : argv)
        .stdin(Stdin.pipe())
        .stderr(Output.inherit())
        .start()
        .flatMap(peer -> talk(peer, out).doFinally(end -> peer.dispose()))
        .map(status -> status.shellStatus().orElse(Failures.OWN_FAILURE))
        .blockOptional()
        .orElseThrow();
  }

  private static Mono<ExitStatus> talk(RunningProcess peer, PrintWriter out) {
    Mono<Void> speaking =
        questions()
            .concatMap(line -> peer.stdin().write(line + "\n"), 1)
            .takeUntil(WriteOutcome::readerGone)
            .then(peer.stdin().close());
    Mono<Void> listening =
        peer.lines()
            .publishOn(Schedulers.boundedElastic())
            .doOnNext(answer -> OutputGoneException.println(out, "> " + answer))
            .then();
    // When it has nothing more to say, we need not wait for the user's next line.
    return Mono.firstWithSignal(listening, speaking.then(Mono.never())).then(peer.exit());
  }

  private static Flux<String> questions() {
    return Flux.defer(
            () ->
                Flux.fromStream(
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                        .lines()))
        .subscribeOn(Schedulers.boundedElastic());
  }
}
