/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** What all framings do alike about limits and about putting a header before a content. */
final class Limits {
  /** Up to here a copy is cheaper than a buffer of two parts. */
  private static final int COPIED = 16 * 1024;

  private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

  private Limits() {}

  static int check(int bytes) {
    if (bytes < 1 || bytes > Framing.LARGEST_MAX_LENGTH) {
      throw new IllegalArgumentException(
          "maxLength must be from 1 to " + Framing.LARGEST_MAX_LENGTH + " bytes, it was " + bytes);
    }
    return bytes;
  }

  /** Releases the content where it may not be sent. */
  static void checkToSend(ByteBuf content, long limit) {
    int length = content.readableBytes();
    if (length > limit) {
      content.release();
      throw FrameTooLongException.toSend(length, (int) limit);
    }
  }

  /** A buffer for the header, with room for the content if that is to be copied. */
  static ByteBuf header(int size, ByteBuf content) {
    int length = content.readableBytes();
    return ALLOCATOR.directBuffer(size + (length <= COPIED ? length : 0));
  }

  /** Header and content in one; takes both over. */
  static ByteBuf join(ByteBuf header, ByteBuf content) {
    int length = content.readableBytes();
    if (length <= COPIED) {
      header.writeBytes(content, content.readerIndex(), length);
      content.release();
      return header;
    }
    CompositeByteBuf both = ALLOCATOR.compositeDirectBuffer(4);
    return both.addComponents(true, header, content);
  }
}
