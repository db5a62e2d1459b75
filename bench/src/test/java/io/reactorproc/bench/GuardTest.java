/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static io.reactorproc.bench.PeerKind.C;
import static io.reactorproc.bench.PeerKind.PROCESS_BUILDER;
import static io.reactorproc.bench.PeerKind.REACTOR_PROC;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardTest {
  private static final String NAME = "spawn-true-1-pinned";

  @Test
  void ratiosWithinTheirBounds_areNoViolation() {
    assertThat(violations(Map.of(C, 100.0, PROCESS_BUILDER, 40.0, REACTOR_PROC, 95.0))).isEmpty();
  }

  @Test
  void ratioBelowItsBound_isAViolationThatSaysBoth() {
    assertThat(violations(Map.of(C, 100.0, PROCESS_BUILDER, 40.0, REACTOR_PROC, 44.0)))
        .containsExactly(
            "spawn-true-1-pinned, children/s: 110 % of ProcessBuilder, the bound is 130 %",
            "spawn-true-1-pinned, children/s: 44 % of C, the bound is 50 %");
  }

  @Test
  void missingReference_isNoViolation() {
    assertThat(violations(Map.of(PROCESS_BUILDER, 40.0, REACTOR_PROC, 95.0))).isEmpty();
  }

  @Test
  void missingMeasurement_isAViolation() {
    assertThat(violations(Map.of(REACTOR_PROC, 95.0)))
        .containsExactly("spawn-true-1-pinned rate: not measured");
  }

  @Test
  void workloadsThatWereNotRun_areViolations() {
    assertThat(Guard.violations(List.of())).hasSameSizeAs(Guard.BOUNDS);
  }

  @Test
  void everyBound_isAboutAWorkloadAndAMetricThatExist() {
    List<Workload> all = Workloads.all(Scale.QUICK, Path.of("native"));

    assertThat(Guard.BOUNDS)
        .allSatisfy(
            bound ->
                assertThat(all)
                    .anyMatch(
                        workload ->
                            workload.name().equals(bound.workload())
                                && workload.peers().containsAll(Guard.PEERS)
                                && workload.metrics().stream()
                                    .anyMatch(metric -> metric.key().equals(bound.metric()))));
  }

  @Test
  void onlyWorkloadsThatAreOutOfBounds_areMeasuredOnceMore() {
    List<Workload> both = List.of(Rows.workload(NAME), Rows.workload("capture-echo-16"));
    List<Row> rows =
        List.of(
            Rows.row(both.get(0), Rows.SPEED, Map.of(PROCESS_BUILDER, 40.0, REACTOR_PROC, 44.0)),
            Rows.row(both.get(1), Rows.SPEED, Map.of(PROCESS_BUILDER, 40.0, REACTOR_PROC, 95.0)));

    assertThat(Guard.suspect(both, rows)).extracting(Workload::name).containsExactly(NAME);
  }

  @Test
  void secondMeasurement_isTheOneThatCounts() {
    Workload suspect = Rows.workload(NAME);
    Workload fine = Rows.workload("capture-echo-16");
    Row first = Rows.row(suspect, Rows.SPEED, Map.of(PROCESS_BUILDER, 40.0, REACTOR_PROC, 44.0));
    Row second = Rows.row(suspect, Rows.SPEED, Map.of(PROCESS_BUILDER, 40.0, REACTOR_PROC, 95.0));
    Row other = Rows.row(fine, Rows.SPEED, Map.of(PROCESS_BUILDER, 40.0, REACTOR_PROC, 95.0));

    assertThat(Guard.latest(List.of(first, other), List.of(second))).containsExactly(second, other);
    assertThat(Guard.latest(List.of(first, other), List.of())).containsExactly(first, other);
  }

  private static List<String> violations(Map<PeerKind, Double> values) {
    return Guard.violations(List.of(Rows.row(Rows.workload(NAME), Rows.SPEED, values))).stream()
        .filter(violation -> violation.startsWith(NAME))
        .toList();
  }
}
