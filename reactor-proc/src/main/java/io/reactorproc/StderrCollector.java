/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** Keeps the first and the last 32 KiB of a stream, in memory that grows with what comes. */
final class StderrCollector {
  static final int KEPT = 32 * 1024;

  private final ByteArray head = new ByteArray(KEPT);

  /** The last bytes beyond the head; a ring, there once the head is full. */
  private byte @Nullable [] ring;

  private int ringEnd;
  private long beyondHead;

  /** Copies what it keeps and leaves the buffer as it is. */
  void keep(ByteBuf chunk) {
    int index = chunk.readerIndex();
    int length = chunk.readableBytes();
    int toHead = head.add(chunk, index, length);
    index += toHead;
    length -= toHead;
    if (length == 0) {
      return;
    }
    beyondHead += length;
    byte[] last = ring;
    if (last == null) {
      ring = last = new byte[KEPT];
    }
    if (length > KEPT) {
      index += length - KEPT;
      length = KEPT;
    }
    int untilWrap = Math.min(length, KEPT - ringEnd);
    chunk.getBytes(index, last, ringEnd, untilWrap);
    chunk.getBytes(index + untilWrap, last, 0, length - untilWrap);
    ringEnd = (ringEnd + length) % KEPT;
  }

  StderrExcerpt excerpt() {
    byte[] last = ring;
    if (last == null) {
      return new StderrExcerpt(head.toArray(), new byte[0], 0);
    }
    int size = (int) Math.min(KEPT, beyondHead);
    byte[] tail = new byte[size];
    int start = (ringEnd - size + KEPT) % KEPT;
    int untilWrap = Math.min(size, KEPT - start);
    System.arraycopy(last, start, tail, 0, untilWrap);
    System.arraycopy(last, 0, tail, untilWrap, size - untilWrap);
    return new StderrExcerpt(head.toArray(), tail, beyondHead - size);
  }

  /** The excerpt of bytes that were captured as a whole. */
  static StderrExcerpt of(byte[] all) {
    StderrCollector collector = new StderrCollector();
    collector.keep(Unpooled.wrappedBuffer(all));
    return collector.excerpt();
  }
}
