/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.bench.Workload.Placement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadsTest {
  private final List<Workload> all = Workloads.all(Scale.FULL, Path.of("native"));

  @Test
  void names_areUnique() {
    assertThat(all).extracting(Workload::name).doesNotHaveDuplicates();
  }

  @Test
  void targets_areAboutMetricsThatAreMeasured() {
    assertThat(all)
        .allSatisfy(
            workload ->
                assertThat(workload.metrics())
                    .extracting(Metric::key)
                    .containsAll(workload.targets().stream().map(Target::metric).toList()));
  }

  @Test
  void pinnedOnes_areStartedByTaskset() {
    PeerCommands commands =
        new PeerCommands(
            new Jdk(Path.of("/jdk"), "25.0.1"), "classes", Path.of("ref"), Duration.ofSeconds(1));

    assertThat(all)
        .allSatisfy(
            workload ->
                assertThat(commands.of(PeerKind.C, workload).get(0).equals("taskset"))
                    .isEqualTo(workload.placement() == Placement.PINNED));
  }

  @Test
  void missingTools_areTheReasonToSkip() {
    Requirements bare = new Requirements(false, false, 1L << 40, 1_000);

    assertThat(reason(bare, "spawn-true-1-pinned")).contains("taskset");
    assertThat(reason(bare, "spawn-tiny-16")).contains("C compiler");
    assertThat(reason(bare, "crowd-4000")).contains("descriptors");
  }

  @Test
  void touchedHeap_needsRoomForAllPeersAtOnce() {
    assertThat(reason(new Requirements(true, true, 15L << 30, 1 << 20), "spawn-heap-pinned"))
        .isEmpty();
    assertThat(reason(new Requirements(true, true, 14L << 30, 1 << 20), "spawn-heap-pinned"))
        .contains("memory");
  }

  private String reason(Requirements machine, String name) {
    return all.stream()
        .filter(workload -> workload.name().equals(name))
        .findFirst()
        .flatMap(machine::missing)
        .orElse("");
  }
}
