/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** Bytes in an array that grows by doubling, up to a limit. */
final class ByteArray {
  private static final int FIRST = 256;
  private static final byte[] NOTHING = {};

  private final int limit;
  private byte[] bytes = NOTHING;
  private int size;

  ByteArray(int limit) {
    this.limit = limit;
  }

  /** Copies bytes until the limit; the answer is how many. The buffer's indexes stay. */
  int add(ByteBuf source, int index, int length) {
    int copied = Math.min(length, limit - size);
    if (copied > bytes.length - size) {
      long wanted = Math.max(Math.max(FIRST, bytes.length * 2L), size + copied);
      bytes = Arrays.copyOf(bytes, (int) Math.min(limit, wanted));
    }
    source.getBytes(index, bytes, size, copied);
    size += copied;
    return copied;
  }

  int size() {
    return size;
  }

  byte[] toArray() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }
}
