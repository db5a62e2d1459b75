/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** How writes end: by a close, a cancel, a failing source, a reader that goes away. */
@Timeout(60)
final class WriteEndTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final ByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;

  private final OneLoop loop = new OneLoop();
  private final Pipe pipe = Ends.pipe();
  private final RawEnd reader = Ends.raw(pipe.readEnd());
  private final ByteSink sink = sink(pipe);

  @AfterEach
  void close() {
    reader.close(); // ends the sink, too
    Await.until("the sink's end is closed", () -> !pipe.writeEnd().isOpen());
    loop.close();
  }

  private ByteSink sink(Pipe target) {
    ByteSink made = DescriptorStreams.write(target.writeEnd(), loop.loops()).block(SOON);
    assertThat(made).isNotNull();
    return made;
  }

  private static WriteOutcome outcome(Mono<WriteOutcome> write) {
    WriteOutcome outcome = write.block(SOON);
    assertThat(outcome).isNotNull();
    return outcome;
  }

  private static ByteBuf pooled(String text) {
    return POOL.directBuffer().writeBytes(text.getBytes(UTF_8));
  }

  @Test
  void close_letsTheReaderSeeTheEndBehindWhatWasWritten() {
    CompletableFuture<WriteOutcome> write = sink.write(new byte[200_000]).toFuture();
    CompletableFuture<Void> close = sink.close().toFuture();

    assertThat(reader.awaitEnd()).hasSize(200_000);
    assertThat(write).succeedsWithin(SOON);
    assertThat(close).succeedsWithin(SOON);
    sink.close().block(SOON);
  }

  @Test
  void aWriteAfterClose_findsTheReaderGone() {
    sink.close().block(SOON);
    AtomicBoolean subscribed = new AtomicBoolean();

    assertThat(
            outcome(
                sink.write(
                    Flux.<ByteBuf>empty().doOnSubscribe(subscription -> subscribed.set(true)))))
        .isEqualTo(new WriteOutcome(0, true));
    assertThat(subscribed).isFalse();
  }

  @Test
  void aReaderThatGoesAwayWhileNothingIsWritten_cancelsTheSourceAtOnce() {
    AtomicBoolean cancelled = new AtomicBoolean();
    CompletableFuture<WriteOutcome> write =
        sink.write(Flux.<ByteBuf>never().doOnCancel(() -> cancelled.set(true))).toFuture();
    loop.settle();
    reader.close();

    assertThat(write).succeedsWithin(SOON).isEqualTo(new WriteOutcome(0, true));
    assertThat(cancelled).isTrue();
  }

  @Test
  void aReaderThatGoesAwayWhileThePipeIsFull_isAnOutcomeThatCountsWhatWasTaken() {
    CompletableFuture<WriteOutcome> write = sink.write(new byte[1 << 20]).toFuture();
    CompletableFuture<WriteOutcome> queued = sink.write("never").toFuture();
    loop.settle();
    reader.close();

    assertThat(write).succeedsWithin(SOON).isEqualTo(new WriteOutcome(65_536, true));
    assertThat(queued).succeedsWithin(SOON).isEqualTo(new WriteOutcome(0, true));
  }

  @Test
  void aSourceThatFails_failsItsWriteOnly() {
    IllegalStateException failure = new IllegalStateException("expected");
    assertThatThrownBy(
            () ->
                outcome(sink.write(Flux.concat(Flux.just(pooled("before ")), Flux.error(failure)))))
        .isSameAs(failure);
    outcome(sink.write("after"));

    assertThat(reader.awaitText(12)).isEqualTo("before after");
  }

  @Test
  void aSourceThatThrowsAtTheSubscription_failsItsWriteOnly() {
    assertThatThrownBy(
            () ->
                outcome(
                    sink.write(
                        subscriber -> {
                          throw new IllegalStateException("expected");
                        })))
        .hasMessageContaining("expected");
    outcome(sink.write("after"));

    assertThat(reader.awaitText(5)).isEqualTo("after");
  }

  @Test
  void aCancelledQueuedWrite_isNeverSubscribed() {
    Sinks.Many<ByteBuf> slow = Sinks.many().unicast().onBackpressureBuffer();
    CompletableFuture<WriteOutcome> first = sink.write(slow.asFlux()).toFuture();
    loop.settle();
    AtomicBoolean subscribed = new AtomicBoolean();
    sink.write(Flux.<ByteBuf>empty().doOnSubscribe(subscription -> subscribed.set(true)))
        .subscribe()
        .dispose();
    slow.emitComplete(Sinks.EmitFailureHandler.FAIL_FAST);
    assertThat(first).succeedsWithin(SOON);
    outcome(sink.write("next"));

    assertThat(reader.awaitText(4)).isEqualTo("next");
    assertThat(subscribed).isFalse();
  }

  @Test
  void aWriteCancelledWhileItIsSubscribed_leavesTheQueueWorking() {
    sink.write("cancelled").subscribe(new CancelAtOnce());
    outcome(sink.write("next"));

    assertThat(reader.awaitText(4)).isEqualTo("next");
  }

  @Test
  void aCancelledActiveWrite_cancelsItsSourceAndKeepsWhatWasHandedOver() {
    AtomicBoolean cancelled = new AtomicBoolean();
    byte[] large = new byte[100_000];
    var write =
        sink.write(
                Flux.concat(
                        Mono.fromSupplier(() -> Unpooled.wrappedBuffer(large)),
                        Flux.<ByteBuf>never())
                    .doOnCancel(() -> cancelled.set(true)))
            .subscribe();
    loop.settle();
    write.dispose();
    loop.settle();
    assertThat(cancelled).isTrue();
    CompletableFuture<WriteOutcome> next = sink.write("next").toFuture();

    assertThat(reader.awaitBytes(100_000)).isEqualTo(large);
    assertThat(reader.awaitText(4)).isEqualTo("next");
    assertThat(next).succeedsWithin(SOON).isEqualTo(new WriteOutcome(4, false));
  }

  @Test
  void anOutcomeBehindACancelledWrite_countsItsOwnBytesOnly() {
    var write = sink.write(new byte[100_000]).subscribe();
    loop.settle();
    write.dispose();
    CompletableFuture<WriteOutcome> next = sink.write("next").toFuture();
    loop.settle();
    reader.close();

    assertThat(next).succeedsWithin(SOON).isEqualTo(new WriteOutcome(0, true));
  }

  @Test
  void buffersThatTheSourceHolds_areReleasedWhenTheReaderIsGone() {
    // The leak check of every test counts the pooled buffers. They wait on the loop's own thread:
    // a queue of Reactor that is filled by one thread and cancelled by another can forget some.
    CompletableFuture<WriteOutcome> write =
        sink.write(
                Flux.range(0, 10_000)
                    .map(i -> POOL.directBuffer(8192, 8192).writeZero(8192))
                    .limitRate(64))
            .toFuture();
    Await.until("the pipe is full", () -> reader.read(1) != null);
    reader.awaitBytes(10_000);
    reader.close();

    assertThat(write).succeedsWithin(SOON).matches(WriteOutcome::readerGone);
  }

  @Test
  void aBufferThatSomebodyElseReleased_failsTheWriteAndDoesNotHang() {
    ByteBuf released = pooled("gone");
    released.release();

    assertThatThrownBy(() -> outcome(sink.write(Flux.just(released)))).isNotNull();
  }

  @Test
  void aSocketsPeerThatIsGone_isSeenWhileNothingIsWritten() {
    Pipe sockets = Ends.socketPair(Ends.SOCK_STREAM);
    CompletableFuture<WriteOutcome> write = sink(sockets).write(Flux.never()).toFuture();
    loop.settle();
    sockets.readEnd().close();

    assertThat(write).succeedsWithin(SOON).matches(WriteOutcome::readerGone);
    assertThat(sockets.writeEnd().isOpen()).isFalse();
  }

  @Test
  void aSecondSinkForOneDescriptor_isRefusedAndTheFirstGoesOn() {
    Pipe other = Ends.pipe();
    Mono<ByteSink> made = DescriptorStreams.write(other.writeEnd(), loop.loops());
    ByteSink first = made.block(SOON);
    assertThat(first).isNotNull();
    assertThatThrownBy(() -> made.block(SOON)).isInstanceOf(IllegalStateException.class);
    outcome(first.write("x"));

    assertThat(Ends.raw(other.readEnd()).awaitText(1)).isEqualTo("x");
    other.readEnd().close();
    Await.until("closed", () -> !other.writeEnd().isOpen());
  }

  @Test
  void aSinkCancelledBeforeItIsThere_closesTheDescriptor() {
    Pipe other = Ends.pipe();
    DescriptorStreams.write(other.writeEnd(), loop.loops()).subscribe().dispose();
    loop.settle();
    other.readEnd().close();

    Await.until("closed", () -> !other.writeEnd().isOpen());
  }

  private static final class CancelAtOnce extends BaseSubscriber<Object> {
    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      subscription.cancel();
    }
  }
}
