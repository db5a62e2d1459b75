/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static io.reactorproc.bench.PeerKind.C;
import static io.reactorproc.bench.PeerKind.PROCESS_BUILDER;
import static io.reactorproc.bench.PeerKind.REACTOR_PROC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private final Row row =
      Rows.row(
          Rows.workload("spawn", Target.ofC("rate", 0.9)),
          Rows.SPEED,
          Map.of(C, 2_000.0, PROCESS_BUILDER, 500.0, REACTOR_PROC, 1_000.0));

  @Test
  void markdown_hasMediansRangesRatiosAndTheVerdict() {
    String line = MarkdownReport.table(List.of(row)).lines().skip(2).findFirst().orElseThrow();

    assertThat(List.of(line.replaceAll(" +", " ").split(" \\| ", -1)))
        .containsExactly(
            "| title of spawn",
            "children/s",
            "2,000 (2,000–2,000)",
            "500 (500–500)",
            "–",
            "1,000 (1,000–1,000)",
            "50 %",
            "200 %",
            "–",
            "≥ 90 % of C: **missed** |");
  }

  @Test
  void table_isPaddedAndEscapesItsSeparator() {
    assertThat(MarkdownTable.render(List.of(List.of("a", "b", "c"), List.of("x|y", "long", "1"))))
        .isEqualTo(
            """
            | a    | b    |   c |
            | ---- | ---- | --: |
            | x\\|y | long |   1 |
            """);
  }

  @Test
  void csv_hasALineForEachPeerWithFullNumbers() {
    assertThat(CsvReport.table("17.0.1", List.of(row)).lines())
        .containsExactly(
            "17.0.1,spawn,rate,children/s,c,1,2000.0,2000.0,2000.0",
            "17.0.1,spawn,rate,children/s,process-builder,1,500.0,500.0,500.0",
            "17.0.1,spawn,rate,children/s,reactor-proc,1,1000.0,1000.0,1000.0");
  }

  @Test
  void ratio_isAMultipleForACost() {
    assertThat(Figures.ratio(OptionalDouble.of(1.256), Metric.Better.LOWER)).isEqualTo("1.26 ×");
  }

  @Test
  void results_sayHowTheyWereMeasured(@TempDir Path directory) throws Exception {
    Report report = new Report("bench/run --only spawn");
    report.begin(new Jdk(Path.of("/jdk"), "17.0.1"), "3 rounds");
    report.end(List.of(row), Map.of("crowd", "no room"));
    report.finish();

    report.writeTo(directory);

    assertThat(Files.readString(directory.resolve("bench.md")))
        .contains("`bench/run --only spawn`", "Linux", "load average", "JDK 17.0.1, 3 rounds")
        .contains("Not run: crowd, no room");
  }

  @Test
  void charts_areWrittenAndShown(@TempDir Path directory) throws Exception {
    assumeTrue(Charts.isAvailable(), "there are fonts");
    Report report = new Report("bench/run");
    report.begin(Jdk.running(), "3 rounds");
    report.end(List.of(row), Map.of());

    report.writeTo(directory);

    assertThat(Files.readString(directory.resolve("bench.md"))).contains("](bench-spawn.svg)");
    assertThat(Files.readString(directory.resolve("bench-spawn.svg"))).contains("<svg");
  }
}
