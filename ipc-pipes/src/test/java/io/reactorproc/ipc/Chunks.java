/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Flux;

/** The chunks of a byte stream, to be subscribed to once, which remembers what it gave away. */
public final class Chunks {

  private final List<byte[]> contents = new ArrayList<>();
  private final List<ByteBuf> made = new CopyOnWriteArrayList<>();

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static Chunks of(String... texts) {
    Chunks chunks = new Chunks();
    for (String text : texts) {
      chunks.contents.add(utf8(text));
    }
    return chunks;
  }

  /** The input, cut at these positions. */
  public static Chunks cut(byte[] input, int... positions) {
    Chunks chunks = new Chunks();
    int from = 0;
    for (int to : positions) {
      chunks.contents.add(Arrays.copyOfRange(input, from, to));
      from = to;
    }
    chunks.contents.add(Arrays.copyOfRange(input, from, input.length));
    return chunks;
  }

  /** The input in chunks of one size. */
  public static Chunks sized(byte[] input, int size) {
    Chunks chunks = new Chunks();
    for (int from = 0; from < input.length; from += size) {
      chunks.contents.add(Arrays.copyOfRange(input, from, Math.min(input.length, from + size)));
    }
    return chunks;
  }

  /** The input in chunks of up to {@code most} bytes, empty ones among them. */
  public static Chunks random(byte[] input, int most, Random random) {
    Chunks chunks = new Chunks();
    for (int from = 0; from < input.length; ) {
      int to = Math.min(input.length, from + random.nextInt(most + 1));
      chunks.contents.add(Arrays.copyOfRange(input, from, to));
      from = to;
    }
    return chunks;
  }

  /** Emits each chunk; whoever receives one owns it. A chunk exists only once it is asked for. */
  public Flux<ByteBuf> flux() {
    return Flux.range(0, contents.size()).map(this::make);
  }

  /**
   * Makes a chunk, owned by the caller. Every second one is on the heap and starts with a reader
   * index that is not 0.
   */
  public ByteBuf make(int index) {
    byte[] content = contents.get(index);
    ByteBuf chunk =
        index % 2 == 1
            ? PooledByteBufAllocator.DEFAULT
                .heapBuffer(content.length + 3)
                .writeZero(3)
                .skipBytes(3)
            : PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, content.length));
    made.add(chunk.writeBytes(content));
    return chunk;
  }

  /** A chunk that was made. */
  public ByteBuf get(int index) {
    return made.get(index);
  }

  public void assertReleased() {
    assertThat(made).as("chunks").allSatisfy(chunk -> assertThat(chunk.refCnt()).isZero());
  }
}
