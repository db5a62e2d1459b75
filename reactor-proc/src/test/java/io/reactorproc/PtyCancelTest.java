/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ReferenceCountUtil;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.EnabledIfFile;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A child on a terminal is ended and reaped, whenever the cancel comes. */
@Timeout(60)
@EnabledIfFile("/dev/ptmx")
class PtyCancelTest {
  static Stream<Publisher<?>> waysToRun() {
    Command noisy =
        Command.of("sh", "-c", "while echo out && echo err >&2; do :; done").pty(80, 24);
    return Stream.of(
        noisy.output(),
        noisy.text(),
        noisy.exit(),
        noisy
            .stdin(
                Stdin.texts(
                    Flux.interval(Duration.ofMillis(1)).map(i -> i + "\n").onBackpressureDrop()))
            .lines(),
        noisy.bytes().doOnNext(ReferenceCountUtil::release),
        noisy.events(),
        noisy.lineEvents(),
        Flux.usingWhen(
            noisy.start(), RunningProcess::lines, child -> Mono.fromRunnable(child::dispose)));
  }

  @ParameterizedTest
  @MethodSource("waysToRun")
  void cancelAtAnyMoment_leavesNothing(Publisher<?> run) {
    Random moments = new Random(11);

    Flux.range(0, 40)
        .flatMap(
            i ->
                Flux.from(run)
                    .takeUntilOther(Mono.delay(Duration.ofNanos(moments.nextInt(8_000_000))))
                    .then(),
            8)
        .blockLast(Limits.SOON);

    Await.until("all children are reaped", () -> Proc.children().isEmpty());
    Await.until(
        "all terminals are closed",
        () -> Proc.descriptors().values().stream().noneMatch(name -> name.endsWith("/ptmx")));
    assertThat(ProcessRuntime.shared().liveChildren()).isZero();
  }
}
