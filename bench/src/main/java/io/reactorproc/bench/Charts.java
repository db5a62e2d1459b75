/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.reactorproc.bench.Metric.Better;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Rows as charts in SVG: everything against C, so that workloads can stand side by side. */
final class Charts {
  private static final Set<String> SPAWNING = Set.of("spawn", "capture");
  private static final Set<String> STREAMING = Set.of("output", "echo", "lines");
  private static final Set<String> COSTS = Set.of("p50", "p99", "start", "kill");

  private final Path directory;

  Charts(Path directory) {
    this.directory = directory;
  }

  /**
   * Whether this JDK can draw text: headless ones on a bare system have no fonts, and say so by an
   * error of the one kind or the other.
   */
  static boolean isAvailable() {
    try {
      return new Font(Font.SANS_SERIF, Font.PLAIN, 12)
              .getStringBounds("x", new FontRenderContext(null, true, true))
              .getWidth()
          > 0;
    } catch (RuntimeException | LinkageError | InternalError noFonts) {
      return false;
    }
  }

  /** Writes a chart for each group that has rows; answers the files by what they show. */
  Map<String, Path> write(List<Row> rows) throws IOException {
    Files.createDirectories(directory);
    Map<String, Path> written = new LinkedHashMap<>();
    speeds("Children a second, % of C", "bench-spawn", rows, SPAWNING, written);
    speeds("Bytes and lines a second, % of C", "bench-streams", rows, STREAMING, written);
    List<Row> costs = rows.stream().filter(row -> COSTS.contains(row.metric().key())).toList();
    draw("Times, multiples of C's (logarithmic)", "bench-times", costs, 1, written);
    return written;
  }

  private void speeds(
      String title, String file, List<Row> rows, Set<String> kinds, Map<String, Path> written)
      throws IOException {
    List<Row> chosen =
        rows.stream()
            .filter(row -> row.metric().better() == Better.HIGHER)
            .filter(row -> kinds.contains(row.workload().plan().getOrDefault("kind", "")))
            .toList();
    draw(title, file, chosen, 100, written);
  }

  private void draw(
      String title, String file, List<Row> rows, double unit, Map<String, Path> written)
      throws IOException {
    List<Row> drawn = rows.stream().filter(row -> row.of(PeerKind.C).isPresent()).toList();
    if (drawn.isEmpty()) {
      return;
    }
    CategoryChart chart =
        new CategoryChartBuilder().width(200 + 110 * drawn.size()).height(420).title(title).build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setXAxisLabelRotation(20);
    chart.getStyler().setYAxisLogarithmic(unit == 1);
    List<String> names = drawn.stream().map(Charts::name).toList();
    for (PeerKind peer : PeerKind.values()) {
      List<Optional<Double>> values = drawn.stream().map(row -> ofC(row, peer, unit)).toList();
      if (peer != PeerKind.C && values.stream().anyMatch(Optional::isPresent)) {
        chart.addSeries(peer.label(), names, orNull(values));
      }
    }
    if (chart.getSeriesMap().isEmpty()) {
      return;
    }
    if (unit == 1) {
      chart
          .getStyler()
          .setYAxisMin(0.1); // bars begin at 0 otherwise, of which there is no logarithm
    }
    Path path = directory.resolve(file + ".svg");
    VectorGraphicsEncoder.saveVectorGraphic(chart, path.toString(), VectorGraphicsFormat.SVG);
    written.put(title, path);
  }

  private static String name(Row row) {
    return row.metric().better() == Better.HIGHER
        ? row.workload().name()
        : row.workload().name() + " " + row.metric().key();
  }

  private static Optional<Double> ofC(Row row, PeerKind peer, double unit) {
    OptionalDouble value = row.median(peer);
    OptionalDouble limit = row.median(PeerKind.C);
    return value.isEmpty() || value.getAsDouble() <= 0 || limit.orElse(0) <= 0
        ? Optional.empty()
        : Optional.of(value.getAsDouble() / limit.orElseThrow() * unit);
  }

  /** A missing bar is null to XChart. */
  @SuppressWarnings("NullAway") // lists of XChart may hold null, which no annotation of it tells
  private static List<Double> orNull(List<Optional<Double>> values) {
    List<Double> nullable = new ArrayList<>();
    values.forEach(value -> nullable.add(value.orElse(null)));
    return nullable;
  }
}
