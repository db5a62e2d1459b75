/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The comparison from the command line; {@code bench/run} starts it. */
@Command(
    name = "bench/run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the same workloads with reactor-proc, ProcessBuilder, NuProcess and, where there is a"
          + " C compiler, a reference in C that stands for the limit; in rounds that take turns.",
      "The exit code is 1 where a peer fails or the guard is violated."
    })
public final class Bench implements Callable<Integer> {
  @Option(names = "--quick", description = "Small amounts and few workloads: two minutes in all.")
  private boolean quick;

  @Option(names = "--list", description = "Lists the workloads, and why some cannot be run here.")
  private boolean list;

  @Option(names = "--only", paramLabel = "REGEX", description = "Only workloads with such a name.")
  private Pattern only = Pattern.compile("");

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of each peer, 3 or more; short ones are two or three times as many.")
  private int rounds;

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "PEER",
      description = "Of c, process-builder, nuprocess, reactor-proc; all by default.")
  private List<String> peers = new ArrayList<>();

  @Option(
      names = "--jdk",
      paramLabel = "HOME",
      description =
          "The JDK of the peers, by default the one in use; repeatable: one after another.")
  private List<Path> jdkHomes = new ArrayList<>();

  @Option(names = "--out", paramLabel = "DIR", description = "Writes Markdown, CSV and charts.")
  private @Nullable Path out;

  @Option(names = "--results", description = "Writes bench/RESULTS.md, and its charts to docs/.")
  private boolean results;

  @Option(
      names = "--guard",
      description = "The regression guard: a few quick workloads, fails when a ratio is off.")
  private boolean guard;

  /** Given by {@code bench/run}. */
  private final Path root = Path.of(System.getProperty("bench.root", ".")).toAbsolutePath();

  private final List<String> arguments;

  private Bench(List<String> arguments) {
    this.arguments = arguments;
  }

  /** Runs it. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Bench(List.of(arguments))).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Natives natives =
        new Natives(root.resolve("bench/src/main/c"), root.resolve("bench/target/native"));
    Requirements machine = Requirements.ofThisMachine(natives);
    if (!list) {
      natives.build();
    }
    List<Workload> chosen = chosen(natives);
    if (chosen.isEmpty()) {
      System.err.println("bench: no workload has such a name; --list tells them");
      return 2;
    }
    if (list) {
      list(chosen, machine);
      return 0;
    }
    Report report = new Report(command());
    List<String> failures = new ArrayList<>();
    for (Jdk jdk : jdks()) {
      List<Row> rows = run(jdk, natives, machine, chosen, report, failures);
      if (guard) {
        List<Workload> suspect = Guard.suspect(chosen, rows);
        if (!suspect.isEmpty()) {
          System.out.println("guard: out of bounds, measured once more: " + Guard.violations(rows));
          List<Row> again = run(jdk, natives, machine, suspect, report, failures);
          rows = Guard.latest(rows, again);
        }
        failures.addAll(Guard.violations(rows));
      }
      write(report); // what is measured is kept, whatever becomes of the next JDK's hour
    }
    failures.forEach(failure -> System.err.println("FAILED: " + failure));
    if (guard && failures.isEmpty()) {
      System.out.println("guard: all " + Guard.BOUNDS.size() + " ratios are within their bounds");
    }
    return failures.isEmpty() ? 0 : 1;
  }

  private void write(Report report) throws IOException {
    report.finish();
    if (out != null) {
      report.writeTo(out);
    }
    if (results) {
      report.writeResults(root);
    }
  }

  private List<Workload> chosen(Natives natives) {
    Scale scale = quick || guard ? Scale.QUICK : Scale.FULL;
    return Workloads.all(scale, natives.directory()).stream()
        .filter(workload -> only.matcher(workload.name()).find())
        .filter(workload -> !guard || Guard.watches(workload))
        .filter(this::isInThisPace)
        .toList();
  }

  /** A workload that is asked for by name is run in the quick run, too. */
  private boolean isInThisPace(Workload workload) {
    return !quick || workload.pace() == Workload.Pace.QUICK || !only.pattern().isEmpty();
  }

  private static void list(List<Workload> chosen, Requirements machine) {
    for (Workload workload : chosen) {
      String missing = machine.missing(workload).map(why -> " (not here: " + why + ")").orElse("");
      System.out.printf("%-24s %s%s%n", workload.name(), workload.title(), missing);
    }
  }

  private List<Jdk> jdks() throws IOException {
    List<Jdk> jdks = new ArrayList<>();
    for (Path home : jdkHomes) {
      jdks.add(Jdk.at(home));
    }
    return jdks.isEmpty() ? List.of(Jdk.running()) : jdks;
  }

  private List<Row> run(
      Jdk jdk,
      Natives natives,
      Requirements machine,
      List<Workload> chosen,
      Report report,
      List<String> failures)
      throws IOException, InterruptedException {
    Scale scale = quick || guard ? Scale.QUICK : Scale.FULL;
    PeerCommands commands =
        new PeerCommands(
            jdk, System.getProperty("java.class.path"), natives.reference(), scale.warmUp());
    int each = rounds > 0 ? Math.max(3, rounds) : scale.rounds();
    Path logs = root.resolve("bench/target/logs");
    Comparison comparison =
        new Comparison(commands, taking(natives), workload -> scale.rounds(each, workload), logs);
    List<Row> rows = new ArrayList<>();
    Map<String, String> skipped = new TreeMap<>();
    report.begin(jdk, scale.describeRounds(each));
    for (Workload workload : chosen) {
      Optional<String> missing = machine.missing(workload);
      if (missing.isPresent()) {
        skipped.put(workload.name(), missing.get());
        continue;
      }
      System.err.println("bench: " + workload.title() + " ...");
      try {
        List<Row> measured = comparison.run(workload);
        rows.addAll(measured);
        System.out.println(MarkdownReport.table(measured));
      } catch (PeerFailedException e) {
        failures.add(e.getMessage());
        skipped.put(
            workload.name(), "failed: " + String.valueOf(e.getMessage()).replace('\n', ' '));
        System.err.println("FAILED: " + e.getMessage());
      }
    }
    report.end(rows, skipped);
    return rows;
  }

  private Set<PeerKind> taking(Natives natives) {
    Set<PeerKind> taking =
        peers.isEmpty()
            ? EnumSet.copyOf(guard ? Guard.PEERS : EnumSet.allOf(PeerKind.class))
            : peers.stream()
                .map(PeerKind::of)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(PeerKind.class)));
    if (!natives.isAvailable()) {
      taking.remove(PeerKind.C);
    }
    return taking;
  }

  /** As it was called, but for where the JDKs are on this machine. */
  private String command() {
    return arguments.stream()
        .map(word -> jdkHomes.contains(Path.of(word)) ? Path.of(word).getFileName() : word)
        .map(Object::toString)
        .collect(Collectors.joining(" ", "bench/run ", ""))
        .strip();
  }
}
