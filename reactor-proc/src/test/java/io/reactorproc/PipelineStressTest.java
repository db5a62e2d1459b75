/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ReferenceCountUtil;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

/** Many pipelines, cancelled ones and such with bad subscribers leave nothing behind. */
class PipelineStressTest {
  private static final Command CAT = Command.of("cat");
  private final Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void collectDroppedErrors() {
    Hooks.onErrorDropped(dropped::add);
  }

  @AfterEach
  void noErrorWasDropped() {
    Await.until("no child lives", () -> ProcessRuntime.shared().liveChildren() == 0);
    Hooks.resetOnErrorDropped();
    assertThat(dropped).isEmpty();
  }

  @Test
  void thousandPipelines_eachGiveTheirOwnOutput() {
    Long equal =
        Flux.range(0, 1_000)
            .flatMap(
                i ->
                    Command.of("echo", Integer.toString(i))
                        .pipe(CAT)
                        .pipe(CAT)
                        .text()
                        .map((i + "\n")::equals),
                16)
            .filter(same -> same)
            .count()
            .block(Duration.ofSeconds(100));

    assertThat(equal).isEqualTo(1_000);
  }

  static Stream<Publisher<?>> waysToRun() {
    Pipeline noisy =
        Command.of("sh", "-c", "while echo out && echo err >&2; do :; done")
            .pipe(CAT)
            .pipe(output -> output)
            .pipe(CAT);
    return Stream.of(
        noisy.output(),
        noisy.text(),
        noisy.exit(),
        noisy.lines(),
        noisy.bytes().doOnNext(ReferenceCountUtil::release),
        noisy.events(),
        noisy.lineEvents(),
        Flux.usingWhen(
            noisy.start(), RunningPipeline::lines, running -> Mono.fromRunnable(running::dispose)));
  }

  @ParameterizedTest
  @MethodSource("waysToRun")
  void cancelAtAnyMoment_leavesNothing(Publisher<?> run) {
    Random moments = new Random(11);

    Flux.range(0, 40)
        .flatMap(
            i ->
                Flux.from(run)
                    .takeUntilOther(Mono.delay(Duration.ofNanos(moments.nextInt(12_000_000))))
                    .then(),
            6)
        .blockLast(Limits.SOON);

    Await.until("all children are reaped", () -> Proc.children().isEmpty());
  }

  static Stream<Publisher<?>> streams() {
    Pipeline endless = Command.of("yes").pipe(CAT);
    return Stream.of(endless.bytes(), endless.lines(), endless.events(), endless.lineEvents());
  }

  @ParameterizedTest
  @MethodSource("streams")
  void throwingSubscriber_losesItsPipelineOnly(Publisher<?> stream) throws InterruptedException {
    CountDownLatch thrown = new CountDownLatch(1);
    stream.subscribe(
        new Subscriber<Object>() {
          @Override
          public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(Object element) {
            ReferenceCountUtil.release(element);
            thrown.countDown();
            throw new IllegalStateException("thrown by a subscriber on purpose");
          }

          @Override
          public void onError(Throwable error) {}

          @Override
          public void onComplete() {}
        });

    assertThat(thrown.await(Limits.SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

    Await.until("the children are reaped", () -> Proc.children().isEmpty());
    assertThat(Command.of("echo", "on").pipe(CAT).text().block(Limits.SOON)).isEqualTo("on\n");
  }
}
