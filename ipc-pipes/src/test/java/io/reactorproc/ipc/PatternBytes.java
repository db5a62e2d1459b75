/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import reactor.core.publisher.Flux;

/** Bytes that tell where in a stream they belong. */
final class PatternBytes {
  private PatternBytes() {}

  static byte at(long offset) {
    return (byte) (offset * 31 + (offset >>> 8) * 17 + (offset >>> 16) * 7);
  }

  static byte[] array(long offset, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = at(offset + i);
    }
    return bytes;
  }

  /** The first position that is not as the pattern has it, or -1. */
  static long firstDifference(byte[] bytes, long offset) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != at(offset + i)) {
        return offset + i;
      }
    }
    return -1;
  }

  /** That many bytes in chunks of one size, each made when it is asked for. */
  static Flux<ByteBuf> flux(long total, int chunk) {
    return Flux.generate(
        () -> 0L,
        (offset, sink) -> {
          int size = (int) Math.min(chunk, total - offset);
          if (size == 0) {
            sink.complete();
          } else {
            sink.next(
                PooledByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(array(offset, size)));
          }
          return offset + size;
        });
  }
}
