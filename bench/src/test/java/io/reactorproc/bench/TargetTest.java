/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static io.reactorproc.bench.PeerKind.C;
import static io.reactorproc.bench.PeerKind.REACTOR_PROC;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTest {
  private final Workload workload = Rows.workload("w");

  @ParameterizedTest
  @CsvSource({"95, true", "94, false", "120, true"})
  void speed_hasToReachItsShareOfC(double ours, boolean met) {
    Row row = Rows.row(workload, Rows.SPEED, Map.of(C, 100.0, REACTOR_PROC, ours));

    assertThat(Target.ofC("rate", 0.95).met(row)).contains(met);
  }

  @ParameterizedTest
  @CsvSource({"14, true", "15, false"})
  void cost_mayBeSoManyTimesThatOfC(double ours, boolean met) {
    Row row = Rows.row(workload, Rows.COST, Map.of(C, 10.0, REACTOR_PROC, ours));

    assertThat(Target.ofC("cpu", 1.4).met(row)).contains(met);
  }

  @Test
  void value_needsNoReference() {
    Row row = Rows.row(workload, Rows.COST, Map.of(REACTOR_PROC, 44.0));

    assertThat(Target.value("cpu", 45).met(row)).contains(true);
  }

  @Test
  void ratio_withoutReferenceIsUnknown() {
    Row row = Rows.row(workload, Rows.SPEED, Map.of(REACTOR_PROC, 44.0));

    assertThat(Target.ofC("rate", 0.95).met(row)).isEmpty();
  }

  @Test
  void describe_saysWhatIsToBeReached() {
    assertThat(Target.ofC("rate", 0.95).describe(Rows.SPEED)).isEqualTo("≥ 95 % of C");
    assertThat(Target.ofC("cpu", 1.4).describe(Rows.COST)).isEqualTo("≤ 1.4 × C");
    assertThat(Target.value("cpu", 45).describe(Rows.COST)).isEqualTo("≤ 45 µs");
  }
}
