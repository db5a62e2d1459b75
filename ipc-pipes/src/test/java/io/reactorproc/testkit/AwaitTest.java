/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
  @Test
  void until_asksAgainUntilItHolds() {
    AtomicInteger asked = new AtomicInteger();
    Await.until("asked three times", () -> asked.incrementAndGet() == 3);
    assertThat(asked).hasValue(3);
  }

  @Test
  void until_failsWithTheDescription() {
    assertThatThrownBy(() -> Await.until("the impossible", Duration.ofMillis(5), () -> false))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the impossible");
  }

  @Test
  void within_saysThatTheDeadlinePassed() {
    assertThat(Await.within(Duration.ofMillis(5), () -> false)).isFalse();
  }
}
