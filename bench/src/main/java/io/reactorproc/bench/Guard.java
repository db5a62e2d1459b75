/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.reactorproc.bench.Metric.Better;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The regression guard: ratios to peers measured in the same minute, with margins so wide that only
 * a change of kind goes through them: a poll, a copy, a thread hop, a lost wake-up. Times are never
 * compared with a constant, as machines differ.
 */
final class Guard {
  /** Who takes part in it: who is on every machine, and the limit where there is a compiler. */
  static final Set<PeerKind> PEERS =
      Set.of(PeerKind.C, PeerKind.PROCESS_BUILDER, PeerKind.REACTOR_PROC);

  /** What it stands on. About half of what is measured on a quiet machine. */
  static final List<Bound> BOUNDS =
      List.of(
          new Bound("spawn-true-1-pinned", "rate", PeerKind.PROCESS_BUILDER, 1.3),
          new Bound("spawn-true-1-pinned", "rate", PeerKind.C, 0.5),
          new Bound("capture-echo-16", "rate", PeerKind.PROCESS_BUILDER, 1.1),
          new Bound("output-pinned", "throughput", PeerKind.PROCESS_BUILDER, 0.5),
          new Bound("echo-pinned", "throughput", PeerKind.PROCESS_BUILDER, 0.6),
          new Bound("round-trip-pinned", "p50", PeerKind.C, 3),
          new Bound("pipeline-pinned", "throughput", PeerKind.PROCESS_BUILDER, 0.6),
          new Bound("lines-text-pinned", "rate", PeerKind.PROCESS_BUILDER, 0.7));

  private Guard() {}

  /**
   * A bound of a ratio.
   *
   * @param workload the name of the workload
   * @param metric the key of the metric
   * @param peer who is the measure
   * @param ratio the least for a speed, the most for a cost
   */
  record Bound(String workload, String metric, PeerKind peer, double ratio) {
    boolean isAbout(Row row) {
      return row.workload().name().equals(workload) && row.metric().key().equals(metric);
    }
  }

  static boolean watches(Workload workload) {
    return BOUNDS.stream().anyMatch(bound -> bound.workload().equals(workload.name()));
  }

  /**
   * What is out of bounds. No C compiler is no violation; a workload that was not run is one, lest
   * a guard that measures nothing passes.
   */
  static List<String> violations(List<Row> rows) {
    List<String> violations = new ArrayList<>();
    for (Bound bound : BOUNDS) {
      rows.stream()
          .filter(bound::isAbout)
          .findFirst()
          .ifPresentOrElse(
              row -> check(bound, row, violations), () -> violations.add(notMeasured(bound)));
    }
    return violations;
  }

  private static String notMeasured(Bound bound) {
    return bound.workload() + " " + bound.metric() + ": not measured";
  }

  private static void check(Bound bound, Row row, List<String> violations) {
    OptionalDouble ratio = row.ratio(bound.peer());
    Better better = row.metric().better();
    if (ratio.isEmpty()) {
      if (bound.peer() != PeerKind.C) {
        violations.add(notMeasured(bound));
      }
      return;
    }
    boolean good =
        better == Better.HIGHER
            ? ratio.getAsDouble() >= bound.ratio()
            : ratio.getAsDouble() <= bound.ratio();
    if (!good) {
      violations.add(
          String.format(
              Locale.ROOT,
              "%s, %s: %s of %s, the bound is %s",
              bound.workload(),
              row.metric().unit(),
              Figures.ratio(ratio, better),
              bound.peer().label(),
              Figures.ratio(OptionalDouble.of(bound.ratio()), better)));
    }
  }
}
