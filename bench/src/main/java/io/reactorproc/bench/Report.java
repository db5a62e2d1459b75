/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A whole run: what was measured on which JDK, when, where, under what load. */
final class Report {
  private final String command;
  private final LocalDate date = LocalDate.now(ZoneOffset.UTC);
  private final String loadBefore = Machine.load();
  private final List<Section> sections = new ArrayList<>();
  private String loadAfter = "";

  private Jdk jdk = Jdk.running();
  private String rounds = "";

  private record Section(Jdk jdk, String rounds, List<Row> rows, Map<String, String> skipped) {}

  Report(String command) {
    this.command = command;
  }

  void begin(Jdk next, String roundsOfEach) {
    jdk = next;
    rounds = roundsOfEach;
  }

  void end(List<Row> rows, Map<String, String> skipped) {
    sections.add(new Section(jdk, rounds, List.copyOf(rows), Map.copyOf(skipped)));
  }

  void finish() {
    loadAfter = Machine.load();
  }

  /** Markdown, CSV and charts into one directory. */
  void writeTo(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("bench.md"), markdown(directory, charts(directory)));
    Files.writeString(directory.resolve("bench.csv"), csv());
  }

  /** {@code bench/RESULTS.md}, with its charts in {@code docs/charts}. */
  void writeResults(Path root) throws IOException {
    Path bench = root.resolve("bench");
    Map<String, Path> charts = charts(root.resolve("docs/charts"));
    Files.writeString(bench.resolve("RESULTS.md"), markdown(bench, charts));
  }

  /** Of the first JDK; the picture is the same on the others. */
  private Map<String, Path> charts(Path directory) throws IOException {
    if (sections.isEmpty()) {
      return Map.of();
    }
    if (!Charts.isAvailable()) {
      System.err.println("bench: no charts, as this JDK finds no fonts (fontconfig) to draw with");
      return Map.of();
    }
    return new Charts(directory).write(sections.get(0).rows());
  }

  private String csv() {
    StringBuilder csv = new StringBuilder(CsvReport.header());
    sections.forEach(s -> csv.append(CsvReport.table(s.jdk().version(), s.rows())));
    return csv.toString();
  }

  private String markdown(Path from, Map<String, Path> charts) {
    StringBuilder text = new StringBuilder("# Results\n\n");
    text.append("Measured by `").append(command).append("`; [README.md](README.md) tells how.\n\n");
    text.append("- machine: ").append(Machine.describe()).append('\n');
    text.append("- date: ").append(date).append('\n');
    text.append("- load average before and after: ").append(loadBefore);
    text.append(" and ").append(loadAfter).append("\n\n");
    text.append(
        "Medians, with the least and the most of all rounds in brackets. \"To C\" and the\n");
    text.append(
        "like are ratios of medians: percents of a speed (more is better), multiples of a\n");
    text.append("cost (less is better).\n");
    charts.forEach(
        (title, path) ->
            text.append("\n![")
                .append(title)
                .append("](")
                .append(from.toAbsolutePath().relativize(path.toAbsolutePath()))
                .append(")\n"));
    sections.forEach(section -> append(text, section));
    return text.toString();
  }

  private static void append(StringBuilder text, Section section) {
    text.append("\n## JDK ").append(section.jdk().version());
    text.append(", ").append(section.rounds()).append("\n\n");
    text.append(MarkdownReport.table(section.rows()));
    section
        .skipped()
        .forEach((name, why) -> text.append("\nNot run: ").append(name).append(", ").append(why));
    if (!section.skipped().isEmpty()) {
      text.append('\n');
    }
  }
}
