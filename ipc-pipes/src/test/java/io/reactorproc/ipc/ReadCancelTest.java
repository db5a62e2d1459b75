/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.testkit.Await;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;
import reactor.test.StepVerifier;

/** A subscription that ends early closes the descriptor, whenever that is. */
@Timeout(60)
final class ReadCancelTest {
  private final OneLoop loop = new OneLoop();
  private final Pipe pipe = Ends.pipe();
  private final RawEnd writer = Ends.raw(pipe.writeEnd());

  @AfterEach
  void close() {
    pipe.close();
    loop.close();
  }

  private Flux<ByteBuf> stream() {
    return DescriptorStreams.read(pipe.readEnd(), loop.loops());
  }

  private void awaitClosed() {
    Descriptor end = pipe.readEnd();
    Await.until("the descriptor is closed", () -> !end.isOpen());
  }

  @Test
  void cancel_closesTheDescriptorAndNothingFollows() {
    ByteProbe probe = new ByteProbe();
    stream().subscribe(probe);
    loop.settle();
    probe.request(5);
    probe.cancel();
    awaitClosed();
    loop.settle();

    assertThat(probe.terminals()).isZero();
    assertThat(probe.chunks()).isZero();
  }

  @Test
  void cancelInsideOnNext_closesBeforeOnNextReturns() {
    boolean[] open = {true};
    ByteProbe probe =
        new ByteProbe(
            first -> first.request(Long.MAX_VALUE),
            each -> {
              each.cancel();
              open[0] = pipe.readEnd().isOpen();
            });
    writer.fill();
    stream().subscribe(probe);
    awaitClosed();
    loop.settle();

    assertThat(open[0]).isFalse();
    assertThat(probe.chunks()).isEqualTo(1);
    assertThat(probe.terminals()).isZero();
  }

  @Test
  void cancelInsideOnSubscribe_closesWithoutASignal() {
    ByteProbe probe = new ByteProbe(ByteProbe::cancel, each -> {});
    writer.say("x");
    stream().subscribe(probe);
    awaitClosed();
    loop.settle();

    assertThat(probe.chunks() + probe.terminals()).isZero();
  }

  @Test
  void cancelInsideOnSubscribeOnTheLoop_closesWithoutASignal() {
    ByteProbe probe = new ByteProbe(ByteProbe::cancel, each -> {});
    writer.say("x");
    loop.run(
        () -> {
          stream().subscribe(probe);
          return 0;
        });
    awaitClosed();
    loop.settle();

    assertThat(probe.chunks() + probe.terminals()).isZero();
  }

  @Test
  void cancelTwice_isCancelOnce() {
    ByteProbe probe = new ByteProbe();
    stream().subscribe(probe);
    probe.cancel();
    awaitClosed();
    probe.cancel();
    probe.request(1);
    loop.settle();

    assertThat(probe.terminals()).isZero();
  }

  @RepeatedTest(50)
  void cancelRacingWithDataAndDemand_closesAndReleases() throws InterruptedException {
    ByteProbe probe = ByteProbe.unbounded();
    CountDownLatch go = new CountDownLatch(1);
    Thread canceller =
        new Thread(
            () -> {
              try {
                go.await();
              } catch (InterruptedException e) {
                return;
              }
              probe.cancel();
            });
    canceller.start();
    stream().subscribe(probe);
    go.countDown();
    for (int i = 0; i < 20; i++) {
      if (!pipe.readEnd().isOpen()) {
        break; // a further write would be an EPIPE
      }
      try {
        writer.write(new byte[100]);
      } catch (UncheckedIOException readerGone) {
        break;
      }
    }
    canceller.join();
    awaitClosed();
    loop.settle();

    assertThat(probe.terminals()).isZero();
  }

  @Test
  void aSubscriberThatThrows_isCancelledAndTheLoopGoesOn() {
    ByteProbe throwing =
        new ByteProbe(
            first -> first.request(Long.MAX_VALUE),
            each -> {
              throw new IllegalStateException("thrown by the test, on purpose");
            });
    stream().subscribe(throwing);
    writer.say("x");
    awaitClosed();

    assertThat(throwing.chunks()).isEqualTo(1);
    assertThat(throwing.terminals()).isZero();
    assertThat(loop.run(() -> "alive")).isEqualTo("alive");
  }

  @Test
  void anErrorThrownByOnComplete_doesNotEndTheLoop() {
    stream()
        .subscribe(
            new BaseSubscriber<>() {
              @Override
              protected void hookOnNext(ByteBuf chunk) {
                chunk.release();
              }

              @Override
              protected void hookFinally(SignalType how) {
                throw new AssertionError("thrown by the test, on purpose");
              }
            });
    loop.settle();
    writer.close();
    awaitClosed();

    assertThat(loop.run(() -> "alive")).isEqualTo("alive");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void demandThatIsNotPositive_isAnErrorAndCloses(long demand) {
    ByteProbe probe = new ByteProbe();
    stream().subscribe(probe);
    probe.request(demand);

    assertThat(probe.awaitError())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3.9");
    assertThat(pipe.readEnd().isOpen()).isFalse();
  }

  @Test
  void demandThatIsNotPositiveInsideOnSubscribe_isAnErrorAfterOnSubscribe() {
    AtomicReference<String> order = new AtomicReference<>("");
    ByteProbe probe =
        new ByteProbe(
            first -> {
              first.request(0);
              loop.settle(); // time enough for an error that overtakes
              order.set("subscribed, over: " + first.isOver());
            },
            each -> {});
    stream().subscribe(probe);

    assertThat(probe.awaitError()).isInstanceOf(IllegalArgumentException.class);
    assertThat(order.get()).isEqualTo("subscribed, over: false");
    awaitClosed();
  }

  @Test
  void aSecondSubscriber_isRefusedAndTheFirstGoesOn() {
    Flux<ByteBuf> stream = stream();
    ByteProbe first = ByteProbe.unbounded();
    stream.subscribe(first);

    StepVerifier.create(stream)
        .expectError(IllegalStateException.class)
        .verify(Duration.ofSeconds(10));

    writer.say("still here");
    writer.close();
    assertThat(first.awaitComplete().text()).isEqualTo("still here");
  }
}
