/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.Chunks;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Who copies, who holds, who releases and who asks. */
@Timeout(60)
class FramingBuffersTest {
  private static final String SELF_DELIMITING = "io.reactorproc.ipc.frame.Framings#selfDelimiting";
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static byte[] frames(Framing framing, int count) {
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      contents.add(Chunks.utf8("content"));
    }
    return Framings.encode(framing, contents);
  }

  @ParameterizedTest
  @MethodSource(SELF_DELIMITING)
  void aFrameWithinAChunk_sharesItsMemory(Framing framing) {
    Chunks chunks = Chunks.cut(frames(framing, 1));
    ByteBuf frame = Objects.requireNonNull(framing.decode(chunks.flux()).blockFirst());

    ByteBuf chunk = chunks.get(0);
    assertThat(frame.memoryAddress())
        .isBetween(chunk.memoryAddress(), chunk.memoryAddress() + chunk.capacity());
    assertThat(frame.toString(UTF_8)).isEqualTo("content");
    frame.release();
    chunks.assertReleased();
  }

  @ParameterizedTest
  @MethodSource(SELF_DELIMITING)
  void cancelAmidFrames_leavesTheChunkToTheFramesDelivered(Framing framing) {
    for (int taken : new int[] {1, 128, 129}) {
      Chunks chunks = Chunks.cut(frames(framing, 300));
      List<ByteBuf> frames = new ArrayList<>();
      framing.decode(chunks.flux()).take(taken).subscribe(frames::add);

      assertThat(chunks.get(0).refCnt()).isEqualTo(taken);
      assertThat(frames)
          .allSatisfy(frame -> assertThat(frame.toString(UTF_8)).isEqualTo("content"));
      frames.forEach(ByteBuf::release);
      chunks.assertReleased();
    }
  }

  @ParameterizedTest
  @MethodSource(SELF_DELIMITING)
  void cancelInsideAFrame_releasesWhatIsHeld(Framing framing) {
    byte[] frame = Framings.encode(framing, Chunks.utf8("content"));
    for (int end = 1; end < frame.length; end++) {
      Chunks chunks = Chunks.sized(Arrays.copyOf(frame, end), 2);
      framing.decode(chunks.flux().concatWith(Flux.never())).subscribe().dispose();
      chunks.assertReleased();
    }
  }

  @ParameterizedTest
  @MethodSource(SELF_DELIMITING)
  void anErrorOfTheChunks_comesAfterTheFramesBeforeIt(Framing framing) {
    byte[] stream = frames(framing, 3);
    Chunks chunks = Chunks.cut(Arrays.copyOf(stream, stream.length - 1), 2);
    StepVerifier.create(
            framing
                .decode(chunks.flux().concatWith(Flux.error(new IllegalStateException("broken"))))
                .doOnNext(ByteBuf::release))
        .expectNextCount(2)
        .verifyErrorMessage("broken");
    chunks.assertReleased();
  }

  @ParameterizedTest
  @MethodSource(SELF_DELIMITING)
  void demandForOne_asksForNoMoreChunksThanItTakes(Framing framing) {
    byte[] stream = frames(framing, 4);
    int half = stream.length / 2;
    List<Long> asked = new ArrayList<>();
    Chunks chunks = Chunks.cut(stream, 1, half, half + 1);
    StepVerifier.create(
            framing.decode(chunks.flux().doOnRequest(asked::add)).map(FramingBuffersTest::text), 0)
        .then(() -> assertThat(asked).isEmpty())
        .thenRequest(1)
        .expectNext("content")
        .then(() -> assertThat(asked).containsExactly(1L, 1L))
        .thenRequest(1)
        .expectNext("content")
        .then(() -> assertThat(asked).containsExactly(1L, 1L))
        .thenRequest(2)
        .expectNext("content", "content")
        .then(() -> assertThat(asked).containsExactly(1L, 1L, 1L, 1L))
        .thenRequest(1)
        .verifyComplete();
    chunks.assertReleased();
  }

  private static String text(ByteBuf frame) {
    try {
      return frame.toString(UTF_8);
    } finally {
      frame.release();
    }
  }

  @ParameterizedTest
  @MethodSource("io.reactorproc.ipc.frame.Framings#all")
  void throughAPipe_framesOfAnySizeArrive(Framing framing) throws Exception {
    int most = framing.equals(Framing.lengthPrefixed(LengthField.U8)) ? 255 : 65_535;
    Pipe pipe = Pipe.open();
    ByteSink sink = DescriptorStreams.write(pipe.writeEnd()).blockOptional(DEADLINE).orElseThrow();
    Flux<ByteBuf> contents =
        Flux.range(0, 100).map(i -> Unpooled.wrappedBuffer(Chunks.utf8("z".repeat(i * most / 99))));
    sink.write(framing.encode(contents)).then(sink.close()).subscribe();

    StepVerifier.create(
            framing.decode(DescriptorStreams.read(pipe.readEnd())).map(FramingBuffersTest::text))
        .recordWith(ArrayList::new)
        .expectNextCount(100)
        .consumeRecordedWith(
            all -> {
              int i = 0;
              for (String text : all) {
                assertThat(text).hasSize(i++ * most / 99);
              }
            })
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void aLongContent_isNotCopiedToBeSent() {
    ByteBuf content = Unpooled.directBuffer().writeBytes(new byte[100_000]);
    ByteBuf frame = Framing.contentLength().encode(content);

    assertThat(frame.nioBufferCount()).isEqualTo(2);
    assertThat(content.refCnt()).isOne();
    frame.release();
    assertThat(content.refCnt()).isZero();
  }
}
