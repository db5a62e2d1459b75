/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.util.RaceTestUtils;

/** Who releases what, whatever way a stream ends. */
class DecodingReleaseTest {

  private static final String TEN_THOUSAND = "line\n".repeat(10_000);

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 255, 256, 257, 9_999})
  void cancelAmidText_releasesTheChunk(long taken) {
    Chunks chunks = Chunks.of(TEN_THOUSAND);
    StepVerifier.create(Records.lines().decodeText(chunks.flux()).take(taken))
        .expectNextCount(taken)
        .verifyComplete();
    chunks.assertReleased();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 127, 128, 129, 257, 9_999})
  void cancelAmidSlices_leavesTheChunkToTheSlicesDelivered(long taken) {
    Chunks chunks = Chunks.of(TEN_THOUSAND);
    List<ByteBuf> slices = new ArrayList<>();
    Records.lines().decode(chunks.flux()).take(taken).subscribe(slices::add);
    assertThat(chunks.get(0).refCnt()).isEqualTo((int) taken);
    assertThat(slices).allSatisfy(slice -> assertThat(slice.toString(UTF_8)).isEqualTo("line"));
    slices.forEach(ByteBuf::release);
    chunks.assertReleased();
  }

  @Test
  void cancelAmidBatches_leavesTheChunkToTheBatchesDelivered() {
    Chunks chunks = Chunks.of(TEN_THOUSAND);
    List<RecordBatch> batches = new ArrayList<>();
    Records.lines().decodeBatches(chunks.flux()).take(3).subscribe(batches::add);
    assertThat(chunks.get(0).refCnt()).isEqualTo(3);
    batches.forEach(RecordBatch::release);
    chunks.assertReleased();
  }

  @Test
  void cancelWithAnUnfinishedRecord_releasesEveryChunk() {
    Chunks chunks = Chunks.of("a", "b", "c");
    Records.lines().decode(chunks.flux().concatWith(Flux.never())).subscribe().dispose();
    chunks.assertReleased();
  }

  @Test
  void emptyRecords_needNoRelease() {
    Chunks chunks = Chunks.of("\n\n\n");
    StepVerifier.create(Records.lines().decode(chunks.flux())).expectNextCount(3).verifyComplete();
    chunks.assertReleased();
  }

  @Test
  void slice_sharesTheMemoryOfItsChunk() {
    Chunks chunks = Chunks.of("ab\n");
    ByteBuf record = Records.lines().decode(chunks.flux()).blockFirst();
    assertThat(record).isNotNull();
    assertThat(record.memoryAddress()).isEqualTo(chunks.get(0).memoryAddress());
    record.release();
    chunks.assertReleased();
  }

  @Test
  void chunkAfterCancel_isReleased() {
    TestPublisher<ByteBuf> source =
        TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
    Chunks chunks = Chunks.of("late\n");
    List<String> lines = new ArrayList<>();
    Records.lines().decodeText(source).subscribe(lines::add).dispose();
    source.next(chunks.make(0));
    assertThat(lines).isEmpty();
    chunks.assertReleased();
  }

  @Test
  void droppedRecords_goToTheDiscardHook() {
    Chunks chunks = Chunks.of("a\nbb\nc\ndd\n");
    StepVerifier.create(
            Records.lines()
                .decode(chunks.flux())
                .filter(record -> record.readableBytes() == 2)
                .doOnNext(ByteBuf::release)
                .doOnDiscard(ByteBuf.class, ByteBuf::release))
        .expectNextCount(2)
        .verifyComplete();
    chunks.assertReleased();
  }

  @Test
  void discardHookDownstream_doesNotReleaseHeldChunksTwice() {
    Chunks chunks = Chunks.of("a\nb\nc", "d\n");
    StepVerifier.create(
            Records.lines()
                .decode(chunks.flux())
                .doOnNext(ByteBuf::release)
                .doOnDiscard(ByteBuf.class, ByteBuf::release),
            1)
        .expectNextCount(1)
        .thenCancel()
        .verify();
    chunks.assertReleased();
  }

  @Test
  void failingSubscriber_doesNotKeepTheChunk() {
    Chunks chunks = Chunks.of("a\nb\n");
    StepVerifier.create(
            Records.lines()
                .decodeText(chunks.flux())
                .doOnNext(
                    line -> {
                      throw new IllegalStateException(line);
                    }))
        .verifyErrorMessage("a");
    chunks.assertReleased();
  }

  @Test
  void failingCharset_doesNotKeepTheChunk() {
    Chunks forText = Chunks.of("a\nb\n");
    StepVerifier.create(TextDecoding.of(new BrokenCharset()).decode(forText.flux()))
        .verifyErrorSatisfies(error -> assertThat(error).hasMessageContaining("broken charset"));
    forText.assertReleased();
    Chunks forRecords = Chunks.of("a\nb\n");
    StepVerifier.create(
            Records.lines().decodeText(forRecords.flux(), TextDecoding.of(new BrokenCharset())))
        .verifyErrorSatisfies(error -> assertThat(error).hasMessageContaining("broken charset"));
    forRecords.assertReleased();
  }

  /** A cancel meets the delivery of a chunk, and a request meets both. */
  @Test
  void cancelWhileDelivering_releasesEverything() {
    for (int round = 0; round < 2_000; round++) {
      TestPublisher<ByteBuf> source =
          TestPublisher.createNoncompliant(
              TestPublisher.Violation.CLEANUP_ON_TERMINATE,
              TestPublisher.Violation.REQUEST_OVERFLOW);
      Chunks chunks = Chunks.of("a\nb\nc\n", "d\ne\n", "f");
      ConcurrentLinkedQueue<ByteBuf> slices = new ConcurrentLinkedQueue<>();
      BaseSubscriber<ByteBuf> subscriber =
          new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
              request(1);
            }

            @Override
            protected void hookOnNext(ByteBuf slice) {
              slices.add(slice);
            }
          };
      Records.lines().decode(source).subscribe(subscriber);
      RaceTestUtils.race(
          () -> source.next(chunks.make(0)).next(chunks.make(1)).next(chunks.make(2)),
          () -> subscriber.request(3),
          subscriber::cancel);
      slices.forEach(ByteBuf::release);
      chunks.assertReleased();
    }
  }

  /** Requests on one thread meet chunks on another: no record is lost, doubled or out of order. */
  @Test
  void requestWhileDelivering_losesNothing() {
    for (int round = 0; round < 2_000; round++) {
      TestPublisher<ByteBuf> source =
          TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
      Chunks chunks = Chunks.of("a\nb\nc\n", "d\ne\n", "f");
      ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
      BaseSubscriber<String> subscriber =
          new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
              request(1);
            }

            @Override
            protected void hookOnNext(String line) {
              lines.add(line);
            }
          };
      Records.lines().decodeText(source).subscribe(subscriber);
      RaceTestUtils.race(
          () -> source.next(chunks.make(0)).next(chunks.make(1)).next(chunks.make(2)).complete(),
          () -> subscriber.request(2),
          () -> subscriber.request(3));
      assertThat(lines).containsExactly("a", "b", "c", "d", "e", "f");
      assertThat(subscriber.isDisposed()).isTrue();
      chunks.assertReleased();
    }
  }

  /** Claims to be a charset and throws as soon as there is something to decode. */
  private static final class BrokenCharset extends Charset {

    BrokenCharset() {
      super("X-BROKEN", new String[0]);
    }

    @Override
    public boolean contains(Charset other) {
      return false;
    }

    @Override
    public boolean canEncode() {
      return false;
    }

    @Override
    public CharsetEncoder newEncoder() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CharsetDecoder newDecoder() {
      return new CharsetDecoder(this, 1, 1) {
        @Override
        protected CoderResult decodeLoop(ByteBuffer in, CharBuffer out) {
          throw new IllegalStateException("broken charset");
        }
      };
    }
  }
}
