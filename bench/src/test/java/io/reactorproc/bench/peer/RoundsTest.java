/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class RoundsTest {
  private final ReactorProcPeer peer = new ReactorProcPeer();
  private final Rounds rounds = new Rounds(peer, 0);

  @ParameterizedTest
  @ValueSource(longs = {1, 9, 10, 100, 12_345})
  void bytesOfSeq_areThoseOfAllItsLines(long last) {
    long bytes = LongStream.rangeClosed(1, last).map(n -> Long.toString(n).length() + 1).sum();

    assertThat(Rounds.bytesOfSeq(last)).isEqualTo(bytes);
  }

  @Test
  void plan_putsTheAmountIntoTheCommand() {
    Plan plan = Plan.parse(List.of("kind=lines", "argv=/usr/bin/seq 1 {}", "amount=20"));

    assertThat(plan.command()).containsExactly("/usr/bin/seq", "1", "20");
  }

  @Test
  void childThatFails_failsTheRound() {
    assertThatIllegalStateException()
        .isThrownBy(() -> rounds.run(Plan.parse(List.of("kind=spawn", "argv=/bin/false"))))
        .withMessage("the exit code: 1 instead of 0");
  }

  @Test
  void bytesThatAreMissing_failTheRound() {
    Plan plan = Plan.parse(List.of("kind=output", "argv=/bin/echo 12", "amount=4"));

    assertThatIllegalStateException()
        .isThrownBy(() -> rounds.run(plan))
        .withMessage("bytes: 3 instead of 4");
  }

  @Test
  void answerThatDiffers_failsTheRound() {
    Plan plan = Plan.parse(List.of("kind=capture", "argv=/bin/echo a", "expect=b"));

    assertThatIllegalStateException()
        .isThrownBy(() -> rounds.run(plan))
        .withMessageContaining("stdout");
  }

  @Test
  void echo_countsWhatCameBack() throws Exception {
    Plan plan = Plan.parse(List.of("kind=echo", "argv=/bin/cat", "amount=1000000"));

    assertThat(rounds.run(plan).get("throughput")).isPositive();
  }

  @Test
  void latencies_areInMicrosecondsAndInOrder() throws Exception {
    var metrics = rounds.run(Plan.parse(List.of("kind=round-trip", "argv=/bin/cat", "amount=100")));

    assertThat(metrics.get("p50")).isPositive();
    assertThat(metrics.get("p99")).isGreaterThanOrEqualTo(metrics.get("p50"));
  }
}
