/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.publisher.TestPublisher;

/** Several byte streams as one. */
@Timeout(60)
final class FanInTest {
  private static ByteProbe run(Flux<ByteBuf> merged) {
    ByteProbe probe = ByteProbe.unbounded();
    merged.subscribe(probe);
    return probe;
  }

  private static ByteBuf buffer(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }

  @Test
  void inOrder_takesOneSourceAfterTheOther() {
    Chunks first = Chunks.of("a", "b\n");
    Chunks second = Chunks.of("", "c");

    assertThat(run(FanIn.of(first.flux(), second.flux()).inOrder()).awaitComplete().text())
        .isEqualTo("ab\nc");
    first.assertReleased();
    second.assertReleased();
  }

  @Test
  void inOrder_leavesALaterSourceAloneUntilItsTurn() {
    TestPublisher<ByteBuf> first = TestPublisher.create();
    AtomicBoolean subscribed = new AtomicBoolean();
    Flux<ByteBuf> second =
        Flux.<ByteBuf>empty().doOnSubscribe(subscription -> subscribed.set(true));
    ByteProbe probe = run(FanIn.of(first, second).inOrder());

    assertThat(subscribed).isFalse();
    first.complete();
    probe.awaitComplete();
    assertThat(subscribed).isTrue();
  }

  @Test
  void byChunk_deliversWhatComesAsItComes() {
    TestPublisher<ByteBuf> first = TestPublisher.create();
    TestPublisher<ByteBuf> second = TestPublisher.create();
    ByteProbe probe = run(FanIn.of(first, second).byChunk());
    first.next(buffer("one "));
    second.next(buffer("two "));
    first.next(buffer("three"));
    first.complete();
    assertThat(probe.isOver()).isFalse();
    second.complete();

    assertThat(probe.awaitComplete().text()).isEqualTo("one two three");
  }

  @Test
  void withoutSources_isEmpty() {
    assertThat(run(FanIn.of().byChunk()).awaitComplete().bytes()).isEmpty();
    assertThat(run(FanIn.of().byLine()).awaitComplete().bytes()).isEmpty();
    assertThat(run(FanIn.of().inOrder()).awaitComplete().bytes()).isEmpty();
  }

  @Test
  void withoutDemand_noSourceIsAsked() {
    TestPublisher<ByteBuf> first = TestPublisher.create();
    TestPublisher<ByteBuf> second = TestPublisher.create();
    ByteProbe probe = new ByteProbe();
    FanIn.of(first, second).byChunk().subscribe(probe);
    first.assertWasNotRequested();
    second.assertWasNotRequested();
    probe.request(1);
    first.assertMinRequested(1);
    first.next(buffer("x"));
    assertThat(probe.chunks()).isEqualTo(1);
    probe.cancel();
    first.assertCancelled();
    second.assertCancelled();
  }

  @Test
  void aSourceThatIsMuchFaster_doesNotStarveTheOthers() {
    List<String> order = new ArrayList<>();
    Flux<ByteBuf> a = Flux.range(0, 100).map(i -> buffer("a"));
    Flux<ByteBuf> b = Flux.range(0, 100).map(i -> buffer("b"));
    ByteProbe probe = run(FanIn.of(a, b).byChunk());
    order.add(probe.awaitComplete().text());

    assertThat(order.get(0).substring(0, 20)).isEqualTo("ab".repeat(10));
  }

  @Test
  void byLine_addsTheMissingEndOfALastLine() {
    assertThat(
            run(FanIn.of(Chunks.of("a", "b").flux(), Chunks.of("c\nd").flux()).byLine())
                .awaitComplete()
                .text()
                .lines())
        .containsExactlyInAnyOrder("ab", "c", "d");
  }

  @Test
  void byRecord_keepsTheTerminatorAndOtherBytes() {
    assertThat(
            run(FanIn.of(Chunks.of("a\nb\0c\r", "\n\0\0").flux()).byRecord((byte) 0))
                .awaitComplete()
                .text())
        .isEqualTo("a\nb\0c\r\n\0\0");
  }

  @Test
  void byLine_neverMixesTheLinesOfThreeWriters() {
    int lines = 3_000;
    List<Flux<ByteBuf>> writers = new ArrayList<>();
    List<Chunks> all = new ArrayList<>();
    for (int writer = 0; writer < 3; writer++) {
      Random random = new Random(writer);
      String name = String.valueOf((char) ('a' + writer));
      String text =
          IntStream.range(0, lines)
              .mapToObj(i -> name + i + ":" + name.repeat(random.nextInt(300)) + "\n")
              .collect(Collectors.joining());
      Chunks chunks = Chunks.random(text.getBytes(UTF_8), 700, random);
      all.add(chunks);
      writers.add(chunks.flux().subscribeOn(Schedulers.parallel()));
    }
    String merged = run(FanIn.of(writers).byLine()).awaitComplete().text();

    for (int writer = 0; writer < 3; writer++) {
      String name = String.valueOf((char) ('a' + writer));
      List<String> own = merged.lines().filter(line -> line.startsWith(name)).toList();
      assertThat(own).hasSize(lines);
      for (int i = 0; i < lines; i++) {
        assertThat(own.get(i)).matches(name + i + ":" + name + "*");
      }
    }
    all.forEach(Chunks::assertReleased);
  }

  @Test
  void aLineLongerThanTheLimit_isAnErrorAndReleasesAll() {
    Chunks fine = Chunks.of("ok\n", "fine\n");
    Chunks tooLong = Chunks.of("ok\n12345", "67890", "1\n");
    ByteProbe probe = run(FanIn.of(tooLong.flux(), fine.flux()).maxLength(10).byLine());

    assertThat(probe.awaitError())
        .isInstanceOfSatisfying(
            RecordTooLongException.class,
            thrown -> {
              assertThat(thrown.limit()).isEqualTo(10);
              assertThat(thrown.offset()).isEqualTo(3);
              assertThat(new String(thrown.head(), UTF_8)).isEqualTo("1234567890");
            });
    fine.assertReleased();
    tooLong.assertReleased();
  }

  @Test
  void aLineOfExactlyTheLimit_passes() {
    assertThat(
            run(FanIn.of(Chunks.of("12345", "67890", "\nx").flux()).maxLength(10).byLine())
                .awaitComplete()
                .text())
        .isEqualTo("1234567890\nx\n");
  }

  @Test
  void theErrorOfOneSource_cancelsTheOthers() {
    TestPublisher<ByteBuf> failing = TestPublisher.create();
    TestPublisher<ByteBuf> other = TestPublisher.create();
    ByteProbe probe = new ByteProbe();
    FanIn.of(failing, other).byChunk().subscribe(probe);
    probe.request(1);
    ByteBuf delivered = buffer("x");
    other.next(delivered);
    failing.error(new IllegalStateException("on purpose"));

    assertThat(probe.awaitError()).hasMessage("on purpose");
    other.assertCancelled();
    assertThat(delivered.refCnt()).isZero();
  }

  @Test
  void demandThatIsNotPositive_isAnError() {
    TestPublisher<ByteBuf> source = TestPublisher.create();
    ByteProbe probe = new ByteProbe();
    FanIn.of(source).byChunk().subscribe(probe);
    probe.request(0);

    assertThat(probe.awaitError()).isInstanceOf(IllegalArgumentException.class);
    source.assertCancelled();
  }

  static List<String> waysToMerge() {
    return Arrays.asList("order", "chunk", "line");
  }

  private static Flux<ByteBuf> merged(String way, FanIn in) {
    return switch (way) {
      case "order" -> in.inOrder();
      case "chunk" -> in.byChunk();
      default -> in.byLine();
    };
  }

  @ParameterizedTest
  @MethodSource("waysToMerge")
  void randomCancels_releaseEveryBuffer(String way) throws InterruptedException {
    for (int round = 0; round < 200; round++) {
      List<Chunks> all = new ArrayList<>();
      List<Flux<ByteBuf>> sources = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Chunks chunks = Chunks.sized("a line\nand another\n".repeat(200).getBytes(UTF_8), 37);
        all.add(chunks);
        sources.add(chunks.flux().subscribeOn(Schedulers.parallel()));
      }
      int cancelAfter = ThreadLocalRandom.current().nextInt(150);
      CountDownLatch reached = new CountDownLatch(1);
      AtomicInteger chunks = new AtomicInteger();
      ByteProbe probe =
          new ByteProbe(
              first -> first.request(Long.MAX_VALUE),
              each -> {
                if (chunks.getAndIncrement() == cancelAfter) {
                  reached.countDown();
                }
              });
      merged(way, FanIn.of(sources)).subscribe(probe);
      reached.await();
      probe.cancel();
      for (Chunks source : all) {
        Await.until("every buffer is released", () -> allReleased(source));
      }
    }
  }

  private static boolean allReleased(Chunks chunks) {
    try {
      chunks.assertReleased();
      return true;
    } catch (AssertionError held) {
      return false;
    }
  }

  @RepeatedTest(5)
  void pipesAsSources_areHeldByTheKernelWithoutDemand() {
    try (OneLoop loop = new OneLoop()) {
      Pipe a = Ends.pipe();
      Pipe b = Ends.pipe();
      RawEnd writerOfA = Ends.raw(a.writeEnd());
      RawEnd writerOfB = Ends.raw(b.writeEnd());
      ByteProbe probe = new ByteProbe();
      FanIn.of(
              DescriptorStreams.read(a.readEnd(), loop.loops()),
              DescriptorStreams.read(b.readEnd(), loop.loops()))
          .byLine()
          .subscribe(probe);
      writerOfA.say("from a\n");
      writerOfB.say("from ");
      probe.request(1);
      probe.awaitChunks(1);
      writerOfB.say("b\n");
      probe.request(1);
      probe.awaitChunks(2);
      int filled = writerOfA.fill();
      assertThat(filled).isGreaterThan(4096);
      loop.settle();
      assertThat(probe.text()).isEqualTo("from a\nfrom b\n");
      writerOfA.close();
      probe.cancel();
      Await.until("both are closed", () -> !a.readEnd().isOpen() && !b.readEnd().isOpen());
      writerOfB.close();
    }
  }
}
