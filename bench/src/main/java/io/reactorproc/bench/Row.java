/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One metric of one workload, for all peers that have it.
 *
 * @param workload what was run
 * @param metric what was measured
 * @param samples what came out
 */
record Row(Workload workload, Metric metric, Map<PeerKind, Samples> samples) {

  /** The rows of a workload, from what each peer answered in each round. */
  static List<Row> of(Workload workload, Map<PeerKind, List<Map<String, Double>>> answers) {
    return workload.metrics().stream()
        .map(metric -> new Row(workload, metric, Answers.select(answers, metric.key())))
        .filter(row -> !row.samples.isEmpty())
        .toList();
  }

  Optional<Samples> of(PeerKind peer) {
    return Optional.ofNullable(samples.get(peer));
  }

  OptionalDouble median(PeerKind peer) {
    return samples.containsKey(peer)
        ? OptionalDouble.of(Objects.requireNonNull(samples.get(peer)).median())
        : OptionalDouble.empty();
  }

  /** The median of reactor-proc divided by that of a peer; empty where either is missing or 0. */
  OptionalDouble ratio(PeerKind peer) {
    OptionalDouble ours = median(PeerKind.REACTOR_PROC);
    OptionalDouble theirs = median(peer);
    return ours.isEmpty() || theirs.isEmpty() || theirs.getAsDouble() <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(ours.getAsDouble() / theirs.getAsDouble());
  }

  /** What reactor-proc has to reach here. */
  Optional<Target> target() {
    return workload.targets().stream().filter(t -> t.metric().equals(metric.key())).findFirst();
  }
}
