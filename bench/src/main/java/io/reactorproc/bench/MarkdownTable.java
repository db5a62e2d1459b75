/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table in Markdown, padded so that it can be read as it is. */
final class MarkdownTable {
  private MarkdownTable() {}

  /** The first line is the header; all have as many cells. Numbers stand right of the first two. */
  static String render(List<List<String>> lines) {
    int columns = lines.get(0).size();
    int[] widths =
        IntStream.range(0, columns)
            .map(
                column ->
                    lines.stream().mapToInt(l -> escape(l.get(column)).length()).max().orElse(0))
            .map(width -> Math.max(3, width))
            .toArray();
    StringBuilder table = new StringBuilder(line(lines.get(0), widths));
    table.append(
        IntStream.range(0, columns)
            .mapToObj(i -> i < 2 ? "-".repeat(widths[i]) : "-".repeat(widths[i] - 1) + ":")
            .collect(Collectors.joining(" | ", "| ", " |\n")));
    lines.stream().skip(1).forEach(cells -> table.append(line(cells, widths)));
    return table.toString();
  }

  private static String line(List<String> cells, int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(i -> pad(escape(cells.get(i)), widths[i], i < 2))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String pad(String cell, int width, boolean left) {
    String space = " ".repeat(width - cell.length());
    return left ? cell + space : space + cell;
  }

  private static String escape(String cell) {
    return cell.replace("|", "\\|");
  }
}
