/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void median_ofAnOddNumberIsTheMiddleOne() {
    assertThat(new Samples(List.of(9.0, 1.0, 5.0)).median()).isEqualTo(5.0);
  }

  @Test
  void median_ofAnEvenNumberIsBetweenTheTwoInTheMiddle() {
    assertThat(new Samples(List.of(8.0, 1.0, 2.0, 4.0)).median()).isEqualTo(3.0);
  }

  @Test
  void minAndMax_areThoseOfAllRounds() {
    Samples samples = new Samples(List.of(3.0, 7.0, 5.0));

    assertThat(samples.min()).isEqualTo(3.0);
    assertThat(samples.max()).isEqualTo(7.0);
  }

  @Test
  void noRounds_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Samples(List.of()));
  }
}
