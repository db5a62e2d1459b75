/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.Chunks;
import io.reactorproc.ipc.frame.Framings.Decoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** What holds for every framing, on much random input. A failure tells its seed. */
class FramingPropertyTest {
  private static final String ALL = "io.reactorproc.ipc.frame.Framings#all";
  private static final String SELF_DELIMITING = "io.reactorproc.ipc.frame.Framings#selfDelimiting";

  private static List<byte[]> contents(Framing framing, Random random) {
    List<byte[]> contents = new ArrayList<>();
    for (int left = random.nextInt(12); left > 0; left--) {
      contents.add(Framings.content(framing, random));
    }
    return contents;
  }

  private static void same(Decoded decoded, List<byte[]> contents, Object what) {
    assertThat(decoded.error()).as("%s", what).isNull();
    assertThat(decoded.frames().toArray(byte[][]::new))
        .as("%s", what)
        .isDeepEqualTo(contents.toArray(byte[][]::new));
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void anyFramesInAnyChunks_comeOutAsTheyWentIn(Framing framing) {
    for (long seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      List<byte[]> contents = contents(framing, random);
      byte[] stream = Framings.encode(framing, contents);
      int most = Math.max(stream.length / 60, 1 << random.nextInt(17)); // some 120 at most
      Chunks chunks = Chunks.random(stream, most, random);
      long demand = random.nextBoolean() ? Long.MAX_VALUE : 1 + random.nextInt(3);

      same(Framings.decode(framing, chunks.flux(), demand), contents, "seed " + seed);
      chunks.assertReleased();
    }
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void framesInChunksOfOneByte_comeOutAsTheyWentIn(Framing framing) {
    for (long seed = 0; seed < 5; seed++) {
      List<byte[]> contents =
          new ArrayList<>(
              contents(framing, new Random(seed)).stream().filter(c -> c.length < 100).toList());
      Chunks chunks = Chunks.sized(Framings.encode(framing, contents), 1);

      same(Framings.decode(framing, chunks.flux(), 1), contents, "seed " + seed);
      chunks.assertReleased();
    }
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void encodedByThePublisher_isOneBufferForEachFrame(Framing framing) {
    List<byte[]> contents = contents(framing, new Random(7));
    Flux<ByteBuf> encoded =
        framing.encode(Flux.fromIterable(contents).map(Unpooled::wrappedBuffer));

    same(Framings.decode(framing, encoded), contents, "seed 7");
    assertThat(
            framing
                .encode(Flux.fromIterable(contents).map(Unpooled::wrappedBuffer))
                .doOnNext(ByteBuf::release)
                .count()
                .block())
        .isEqualTo(contents.size());
  }

  @ParameterizedTest
  @MethodSource(SELF_DELIMITING)
  void anEndAtAnyByte_isAnEndBetweenFramesOrATypedError(Framing framing) {
    List<byte[]> contents =
        List.of(
            Chunks.utf8("first"),
            Chunks.utf8(""),
            Chunks.utf8("x".repeat(20)),
            Chunks.utf8("é€😀"));
    byte[] stream = Framings.encode(framing, contents);
    for (int end = 0; end <= stream.length; end++) {
      int whole = 0;
      int at = 0;
      for (byte[] content : contents) {
        int next = at + Framings.encode(framing, content).length;
        if (next > end) {
          break;
        }
        at = next;
        whole++;
      }
      int start = at;
      Chunks chunks = Chunks.sized(Arrays.copyOf(stream, end), 1);
      Decoded decoded = Framings.decode(framing, chunks.flux());

      assertThat(decoded.frames()).as("end at %d", end).hasSize(whole);
      if (end == start) {
        assertThat(decoded.error()).as("end at %d", end).isNull();
      } else {
        int received = end - start;
        assertThat(decoded.error())
            .as("end at %d", end)
            .isInstanceOfSatisfying(
                TruncatedFrameException.class,
                truncated -> {
                  assertThat(truncated.offset()).isEqualTo(start);
                  assertThat(truncated.received()).isEqualTo(received);
                });
      }
      chunks.assertReleased();
    }
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void garbage_isFramesOrATypedError(Framing framing) {
    Framing bounded = framing.maxLength(2000);
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] stream = new byte[random.nextInt(300)];
      random.nextBytes(stream);
      if (random.nextBoolean()) {
        damage(stream, framing, random);
      }
      Chunks chunks = Chunks.random(stream, 1 + random.nextInt(40), random);
      Decoded decoded = Framings.decode(bounded, chunks.flux());

      if (decoded.error() != null) {
        assertThat(decoded.error()).as("seed %d", seed).isInstanceOf(FramingException.class);
      }
      assertThat(decoded.frames()).as("seed %d", seed).allMatch(frame -> frame.length <= 2000);
      chunks.assertReleased();
    }
  }

  /** Right up to some byte, which is wrong. */
  private static void damage(byte[] stream, Framing framing, Random random) {
    byte[] good = Framings.encode(framing, Framings.content(framing, random));
    int used = Math.min(good.length, stream.length);
    System.arraycopy(good, 0, stream, 0, used);
    if (used > 0) {
      stream[random.nextInt(used)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  @ParameterizedTest
  @MethodSource(SELF_DELIMITING)
  void whatIsOnlyAnnounced_isNotAllocated(Framing framing) {
    if (framing instanceof PrefixFraming prefix
        && prefix.field().most < Framing.LARGEST_MAX_LENGTH) {
      return; // has no such lengths
    }
    byte[] start = announcing(framing, Framing.LARGEST_MAX_LENGTH);
    Framing generous = framing.maxLength(Framing.LARGEST_MAX_LENGTH);
    long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    Flux<ByteBuf> chunks =
        Flux.just(Unpooled.wrappedBuffer(start), Unpooled.wrappedBuffer(new byte[10]));
    Disposable waiting = generous.decode(chunks.concatWith(Flux.never())).subscribe();

    assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before)
        .isLessThanOrEqualTo(8 * 1024 * 1024); // as much as the allocator gets at once
    waiting.dispose();
  }

  /** The bytes before a content of that length. */
  private static byte[] announcing(Framing framing, int length) {
    if (framing instanceof NetstringFraming) {
      return Chunks.utf8(length + ":");
    }
    if (framing instanceof HeaderFraming) {
      return Chunks.utf8("Content-Length: " + length + "\r\n\r\n");
    }
    return switch (((PrefixFraming) framing).field()) {
      case U32 -> new byte[] {0x40, 0, 0, 0};
      case U32_LE -> new byte[] {0, 0, 0, 0x40};
      case VARINT -> new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 4};
      default -> throw new IllegalArgumentException(framing.toString());
    };
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void aFrameOfExactlyTheLimit_passesAndOneMoreDoesNot(Framing framing) {
    Framing bounded = framing.maxLength(100);
    byte[] fits = Chunks.utf8("y".repeat(100));
    byte[] tooLong = Framings.encode(framing, Chunks.utf8("y".repeat(101)));
    for (int size : new int[] {1, 7, 1000}) {
      Chunks good = Chunks.sized(Framings.encode(bounded, fits), size);
      same(Framings.decode(bounded, good.flux()), List.of(fits), size);
      Chunks bad = Chunks.sized(tooLong, size);

      assertThat(Framings.decode(bounded, bad.flux()).error())
          .isInstanceOfSatisfying(
              FrameTooLongException.class,
              error -> {
                assertThat(error.limit()).isEqualTo(100);
                assertThat(error.offset()).isZero();
              });
      bad.assertReleased();
    }
  }
}
