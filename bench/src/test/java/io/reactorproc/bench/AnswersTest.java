/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswersTest {
  @Test
  void metrics_areReadFromAResult() throws Exception {
    assertThat(Answers.metrics("result rate=12.5 cpu=3e2"))
        .containsExactly(Map.entry("rate", 12.5), Map.entry("cpu", 300.0));
  }

  @Test
  void failure_isAnExceptionWithItsReason() {
    assertThatThrownBy(() -> Answers.metrics("failure 3 bytes instead of 4"))
        .isInstanceOf(PeerFailedException.class)
        .hasMessage("3 bytes instead of 4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ready", "result", "result rate", "result =1", "result a=NaN", "result a=x"})
  void anythingElse_isRefused(String line) {
    assertThatThrownBy(() -> Answers.metrics(line)).isInstanceOf(PeerFailedException.class);
  }

  @Test
  void select_leavesOutPeersWithoutTheMetric() {
    Map<PeerKind, Samples> selected =
        Answers.select(
            Map.of(
                PeerKind.C, List.of(Map.of("cpu", 1.0), Map.of("cpu", 3.0)),
                PeerKind.NU_PROCESS, List.of(Map.of("rate", 1.0))),
            "cpu");

    assertThat(selected).containsOnlyKeys(PeerKind.C);
    assertThat(selected.get(PeerKind.C)).isNotNull();
    assertThat(selected.values().iterator().next().median()).isEqualTo(2.0);
  }
}
