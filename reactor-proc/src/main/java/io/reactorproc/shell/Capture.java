/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Keeps what comes on one output: the begin of it, or its end. One writer; read afterwards. */
final class Capture {
  private final int limit;
  private final boolean theEnd;
  private byte[] bytes = new byte[512];
  private int size;

  private Capture(int limit, boolean theEnd) {
    this.limit = limit;
    this.theEnd = theEnd;
  }

  /** Keeps as many bytes and wants no more. */
  static Capture first(int limit) {
    return new Capture(limit, false);
  }

  /** Keeps the last bytes, as many, and passes over those before. */
  static Capture last(int limit) {
    return new Capture(limit, true);
  }

  /** Takes and releases the buffer; false where that is more than is wanted. */
  synchronized boolean take(ByteBuf chunk) {
    try {
      int length = chunk.readableBytes();
      if (!theEnd && length > limit - size) {
        append(chunk, limit - size);
        return false;
      }
      append(chunk, length);
      if (theEnd && size > 2 * limit) {
        System.arraycopy(bytes, size - limit, bytes, 0, limit);
        size = limit;
      }
      return true;
    } finally {
      chunk.release();
    }
  }

  private void append(ByteBuf chunk, int length) {
    if (length > bytes.length - size) {
      bytes = Arrays.copyOf(bytes, Math.max(size + length, bytes.length * 2));
    }
    chunk.readBytes(bytes, size, length);
    size += length;
  }

  synchronized byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }

  /** The last bytes as text. */
  synchronized String tail(int most) {
    int start = Math.max(0, size - most);
    return new String(bytes, start, size - start, StandardCharsets.UTF_8);
  }
}
