/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.Records;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Four children in a row, with Java in the gaps; the demand of the last reaches the first. */
@picocli.CommandLine.Command(
    name = "top-words",
    description = "Counts the words of files: cat, a Flux of words, sort, uniq -c, sort -rn.",
    mixinStandardHelpOptions = true)
final class TopWords implements Callable<Integer> {
  private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{M}']+");

  /** So many lines go to a child in one write. */
  private static final int BLOCK = 1024;

  private static final Records PIECES =
      Records.lines().maxLength(64 * 1024).onOverflow(Records.Overflow.SPLIT);

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-n", "--number"},
      defaultValue = "10",
      description = "How many words; 10 by default.")
  int number;

  @Parameters(arity = "1..*", paramLabel = "FILE")
  List<String> files = List.of();

  @Override
  public Integer call() {
    var out = Examples.out(spec);
    Command cat = Command.of("cat", "--").args(files.toArray(String[]::new)).records(PIECES);
    Flux<String> words = cat.lines().flatMapIterable(TopWords::words);
    Flux<String> sorted = through(Command.of("sort"), words);
    Flux<String> counted = through(Command.of("uniq", "-c"), sorted);
    through(Command.of("sort", "-rn"), counted)
        .take(number) // and the last sort is ended
        .publishOn(Schedulers.boundedElastic())
        .doOnNext(line -> OutputGoneException.println(out, line))
        .blockLast();
    return 0;
  }

  private static List<String> words(String line) {
    return Arrays.stream(NO_WORD.split(line.toLowerCase(Locale.ROOT), -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static Flux<String> through(Command filter, Flux<String> lines) {
    Flux<String> blocks = lines.buffer(BLOCK).map(block -> String.join("\n", block) + "\n");
    return filter.env("LC_ALL", "C").stdin(Stdin.texts(blocks)).lines();
  }
}
