/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rows as a Markdown table: medians with their ranges, and the ratios of the medians. */
final class MarkdownReport {
  private static final List<PeerKind> OTHERS =
      List.of(PeerKind.C, PeerKind.PROCESS_BUILDER, PeerKind.NU_PROCESS);

  private MarkdownReport() {}

  static String table(List<Row> rows) {
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("workload", "metric"));
    for (PeerKind peer : PeerKind.values()) {
      header.add(peer.label());
    }
    OTHERS.forEach(peer -> header.add("to " + peer.label()));
    header.add("target");
    lines.add(header);
    String before = "";
    for (Row row : rows) {
      String title = row.workload().title();
      lines.add(line(row, title.equals(before) ? "" : title));
      before = title;
    }
    return MarkdownTable.render(lines);
  }

  private static List<String> line(Row row, String title) {
    List<String> cells = new ArrayList<>(List.of(title, row.metric().unit()));
    for (PeerKind peer : PeerKind.values()) {
      cells.add(row.of(peer).map(MarkdownReport::cell).orElse(Figures.NONE));
    }
    for (PeerKind peer : OTHERS) {
      cells.add(Figures.ratio(row.ratio(peer), row.metric().better()));
    }
    cells.add(row.target().map(target -> verdict(target, row)).orElse(""));
    return cells;
  }

  private static String cell(Samples samples) {
    String range = Figures.value(samples.min()) + "–" + Figures.value(samples.max());
    return Figures.value(samples.median()) + " (" + range + ")";
  }

  private static String verdict(Target target, Row row) {
    Optional<Boolean> met = target.met(row);
    String words = target.describe(row.metric());
    return met.map(yes -> words + (yes ? ": met" : ": **missed**")).orElse(words);
  }
}
