/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that pass through leave nothing to the garbage collector. */
final class SteadyStateTest {
  @Test
  void readsAndWrites_allocateNothing(@TempDir Path directory) {
    ChildJvm.Outcome outcome =
        ChildJvm.run(
            directory, SteadyState.class, List.of("-Dio.netty.leakDetection.level=disabled"));

    assertThat(outcome.status()).as(outcome.output()).isZero();
    assertThat(perOperation(outcome, "per read: ")).isLessThan(1);
    assertThat(perOperation(outcome, "per write: ")).isLessThan(1);
    // The view that a frame is, and no bytes of it.
    assertThat(perOperation(outcome, "per long frame: ")).isLessThan(100);
    assertThat(perOperation(outcome, "per short frame: ")).isLessThan(100);
  }

  private static double perOperation(ChildJvm.Outcome outcome, String label) {
    return outcome
        .output()
        .lines()
        .filter(line -> line.startsWith(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(label.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(outcome.output()));
  }
}
