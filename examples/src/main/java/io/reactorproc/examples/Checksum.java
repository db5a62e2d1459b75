/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.Output;
import io.reactorproc.ProcessResult;
import io.reactorproc.ipc.Records;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Many children, a few at a time: {@code find -print0 | xargs -0 -n 16 -P 4 sha256sum}. */
@picocli.CommandLine.Command(
    name = "checksum",
    description = "Runs sha256sum over the files of a directory, 4 children at a time.",
    mixinStandardHelpOptions = true)
final class Checksum implements Callable<Integer> {
  private static final int FILES_PER_CHILD = 16;

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-j", "--jobs"},
      defaultValue = "4",
      description = "How many children at a time; 4 by default.")
  int jobs;

  @Parameters(paramLabel = "DIR")
  Path directory = Path.of(".");

  @Override
  public Integer call() {
    PrintWriter out = Examples.out(spec);
    Flux<String> files =
        Command.of("find", directory.toAbsolutePath().normalize().toString())
            .args("-type", "f", "-print0")
            .records(Records.nulSeparated())
            .lines();
    return files
        .buffer(FILES_PER_CHILD)
        .flatMapSequential(Checksum::sums, Math.max(1, jobs))
        .publishOn(Schedulers.boundedElastic(), 1)
        .doOnNext(result -> print(out, result.stdoutText()))
        .map(result -> result.status().shellStatus().orElse(Failures.OWN_FAILURE))
        .reduce(0, Math::max)
        .blockOptional()
        .orElseThrow();
  }

  /** Status 1 says that a file could not be read, as sha256sum's stderr tells the user. */
  private static Mono<ProcessResult> sums(List<String> files) {
    return Command.of("sha256sum", "--")
        .args(files.toArray(String[]::new))
        .stderr(Output.inherit())
        .success(ExitPolicy.codes(0, 1))
        .output();
  }

  private static void print(PrintWriter out, String lines) {
    out.print(lines);
    OutputGoneException.flush(out);
  }
}
