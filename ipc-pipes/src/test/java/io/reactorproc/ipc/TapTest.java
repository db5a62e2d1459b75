/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.reactorproc.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What an observer sees, and what it does to what flows. */
@Timeout(120)
final class TapTest {
  private static final long LARGE = 256L << 20;

  private final TapFixture between = new TapFixture();

  @AfterEach
  void close() {
    between.close();
  }

  private static CompletableFuture<Long> checksum(Flux<ByteBuf> bytes) {
    CRC32 crc = new CRC32();
    return bytes
        .doOnNext(
            chunk -> {
              crc.update(chunk.nioBuffer());
              chunk.release();
            })
        .then(Mono.fromSupplier(crc::getValue))
        .toFuture();
  }

  /** Writes that much through the first pipe from another loop, and closes. */
  private void write(long total, int chunk) {
    DescriptorStreams.write(between.first.writeEnd())
        .flatMap(sink -> sink.write(PatternBytes.flux(total, chunk)).then(sink.close()))
        .subscribe();
  }

  @Test
  void exact_showsEveryByteThatPasses() {
    RunningTap tap = between.open(Tap.exact());
    CompletableFuture<Long> seen = checksum(tap.bytes());
    CompletableFuture<Long> passed = checksum(DescriptorStreams.read(between.second.readEnd()));
    byte[] piece = PatternBytes.array(0, 1 << 20);
    CRC32 written = new CRC32();
    Flux<ByteBuf> pieces =
        Flux.range(0, (int) (LARGE / piece.length))
            .map(
                i -> {
                  written.update(piece);
                  return Unpooled.wrappedBuffer(piece);
                });
    DescriptorStreams.write(between.first.writeEnd())
        .flatMap(sink -> sink.write(pieces).then(sink.close()))
        .subscribe();

    assertThat(seen).succeedsWithin(Duration.ofSeconds(60));
    assertThat(passed).succeedsWithin(Duration.ofSeconds(60));
    assertThat(seen.join()).isEqualTo(passed.join()).isEqualTo(written.getValue());
    assertThat(tap.seen()).isEqualTo(LARGE).isEqualTo(tap.passed());
    assertThat(tap.missed()).isZero();
  }

  @Test
  void exactWithoutDemand_holdsTheFlowAfterAPipeful() {
    RunningTap tap = between.open(Tap.exact().capacity(4096));
    ByteProbe observer = new ByteProbe();
    tap.bytes().subscribe(observer);
    between.writer.fill();
    Await.until("the observer's pipe is full", () -> tap.passed() >= 4096);
    between.loop.settle();
    assertThat(tap.passed()).isEqualTo(4096);
    assertThat(between.reader.awaitBytes(4096)).hasSize(4096);
    between.loop.settle();
    assertThat(between.reader.read(1)).as("held").isEmpty();

    observer.request(1);

    assertThat(between.reader.awaitBytes(4096)).hasSize(4096);
    assertThat(observer.chunks()).isEqualTo(1);
    observer.cancel();
  }

  @Test
  void exactThatIsHeld_isNotWokenByEveryWrite() {
    RunningTap tap = between.open(Tap.exact().capacity(4096));
    between.writer.write(new byte[8192]);
    Await.until("the observer's pipe is full", () -> tap.passed() == 4096);
    between.loop.settle();
    int before = between.loop.wakeUps();
    for (int i = 0; i < 100; i++) {
      between.writer.say("x");
      between.loop.settle();
    }

    assertThat(between.loop.wakeUps() - before).isLessThanOrEqualTo(3);

    CompletableFuture<Long> rest = checksum(tap.bytes());
    between.writer.close();
    assertThat(between.reader.awaitEnd()).hasSize(8292);
    assertThat(rest).succeedsWithin(TapFixture.SOON);
  }

  @Test
  void aFullSecondPipe_holdsTheFlowWithoutABusyLoop() {
    RunningTap tap = between.open(Tap.lossy());
    ByteProbe observer = ByteProbe.unbounded();
    tap.bytes().subscribe(observer);
    int written = between.writer.fill();
    Await.until("both pipes are full", () -> between.writer.fill() == 0 && tap.passed() >= 65536);
    between.loop.settle();
    int before = between.loop.wakeUps();
    between.loop.settle();
    between.loop.settle();
    assertThat(between.loop.wakeUps()).isEqualTo(before);
    assertThat(written).isPositive();

    between.writer.close();
    int size = between.reader.awaitEnd().length;
    assertThat(observer.awaitComplete().bytes()).hasSize(size);
    assertThat(tap.passed()).isEqualTo(size);
  }

  @Test
  void lossyWithoutDemand_neverHoldsTheFlow() {
    long total = 8 << 20;
    RunningTap tap = between.open(Tap.lossy());
    CompletableFuture<Long> passed = checksum(DescriptorStreams.read(between.second.readEnd()));
    write(total, 64 * 1024);

    assertThat(passed).succeedsWithin(TapFixture.SOON);
    assertThat(TapFixture.end(tap).bytes()).isEqualTo(total);
    ByteProbe late = ByteProbe.unbounded();
    tap.bytes().subscribe(late);
    byte[] seen = late.awaitComplete().bytes();
    assertThat(PatternBytes.firstDifference(seen, 0)).isEqualTo(-1);
    assertThat(seen.length).isGreaterThanOrEqualTo(4096);
    assertThat(tap.seen()).isEqualTo(seen.length);
    assertThat(tap.seen() + tap.missed()).isEqualTo(total);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 5_000, 65_536})
  void lossyWithASlowObserver_tellsWhereBytesAreMissing(int chunkSize) {
    long total = (long) chunkSize * 2_000;
    RunningTap tap = between.open(Tap.lossy().capacity(8192));
    List<long[]> wrong = new CopyOnWriteArrayList<>();
    long[] next = {0};
    CompletableFuture<Void> observed =
        tap.chunks()
            .limitRate(1)
            .doOnNext(
                chunk -> {
                  byte[] bytes = ByteBufUtil.getBytes(chunk.bytes());
                  chunk.bytes().release();
                  if (chunk.offset() != next[0] + chunk.missed()
                      || PatternBytes.firstDifference(bytes, chunk.offset()) >= 0) {
                    wrong.add(new long[] {chunk.offset(), chunk.missed(), next[0]});
                  }
                  next[0] = chunk.offset() + bytes.length;
                })
            .then()
            .toFuture();
    CompletableFuture<Long> passed = checksum(DescriptorStreams.read(between.second.readEnd()));
    write(total, chunkSize);

    assertThat(passed).succeedsWithin(TapFixture.SOON);
    assertThat(observed).succeedsWithin(TapFixture.SOON);
    assertThat(wrong).isEmpty();
    assertThat(tap.passed()).isEqualTo(total);
    assertThat(tap.seen() + tap.missed()).isEqualTo(total);
    assertThat(next[0]).isLessThanOrEqualTo(total);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void exactUnderRandomWritesReadsAndDemand_losesNothing(long seed) {
    Random random = new Random(seed);
    RunningTap tap = between.open(Tap.exact().capacity(random.nextBoolean() ? 4096 : 0));
    ByteProbe observer = new ByteProbe();
    tap.bytes().subscribe(observer);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    int total = 400_000;
    int written = 0;
    while (read.size() < total) {
      int size = Math.min(total - written, 1 + random.nextInt(20_000));
      if (size > 0) {
        written += between.writer.write(PatternBytes.array(written, size));
      }
      if (random.nextBoolean()) {
        observer.request(1 + random.nextInt(3));
      }
      byte[] some = between.reader.read(1 + random.nextInt(30_000));
      if (some != null) {
        read.writeBytes(some);
      }
    }
    between.writer.close();
    observer.request(Long.MAX_VALUE);

    assertThat(PatternBytes.firstDifference(read.toByteArray(), 0)).isEqualTo(-1);
    byte[] seen = observer.awaitComplete().bytes();
    assertThat(seen).hasSize(total);
    assertThat(PatternBytes.firstDifference(seen, 0)).isEqualTo(-1);
  }

  @Test
  void anObserverThatCancels_letsTheFlowGoOn() {
    RunningTap tap = between.open(Tap.exact());
    CompletableFuture<Long> passed = checksum(DescriptorStreams.read(between.second.readEnd()));
    ByteProbe observer = new ByteProbe(probe -> probe.request(3), probe -> {});
    tap.bytes().subscribe(observer);
    write(4 << 20, 64 * 1024);
    observer.awaitChunks(3);
    observer.cancel();

    assertThat(passed).succeedsWithin(TapFixture.SOON);
    assertThat(TapFixture.end(tap).bytes()).isEqualTo(4 << 20);
    assertThat(tap.missed()).isZero();
    assertThat(observer.terminals()).isZero();
  }

  @Test
  void anObserverThatThrows_letsTheFlowGoOn() {
    RunningTap tap = between.open(Tap.exact());
    CompletableFuture<Long> passed = checksum(DescriptorStreams.read(between.second.readEnd()));
    tap.bytes()
        .subscribe(
            new ByteProbe(
                probe -> probe.request(Long.MAX_VALUE),
                probe -> {
                  throw new IllegalStateException("thrown by the test, on purpose");
                }));
    write(1 << 20, 10_000);

    assertThat(passed).succeedsWithin(TapFixture.SOON);
    assertThat(TapFixture.end(tap).bytes()).isEqualTo(1 << 20);
  }

  @Test
  void demandThatIsNotPositive_isTheObserversErrorOnly() {
    RunningTap tap = between.open(Tap.exact());
    ByteProbe observer = new ByteProbe();
    tap.bytes().subscribe(observer);
    observer.request(0);
    between.writer.say("goes on");

    assertThat(observer.awaitError()).isInstanceOf(IllegalArgumentException.class);
    assertThat(between.reader.awaitText(7)).isEqualTo("goes on");
  }
}
