/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Rows for tests. */
final class Rows {
  static final Metric SPEED = Metric.speed("rate", "children/s");
  static final Metric COST = Metric.cost("cpu", "µs");

  private Rows() {}

  /** One round of each peer. */
  static Row row(Workload workload, Metric metric, Map<PeerKind, Double> values) {
    Map<PeerKind, Samples> samples = new EnumMap<>(PeerKind.class);
    values.forEach((peer, value) -> samples.put(peer, new Samples(List.of(value))));
    return new Row(workload, metric, samples);
  }

  static Workload workload(String name, Target... targets) {
    return Workload.of(name, "title of " + name, "spawn", SPEED, COST).targets(targets);
  }
}
