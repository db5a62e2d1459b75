/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

/**
 * How much one {@code read} asks for: a power of two between 1 KiB and 64 KiB that doubles when a
 * read filled its buffer and halves after two that left three quarters empty. It also tells when a
 * stream has proved so fast that its pipe should grow.
 */
final class ReadSizing {
  static final int LEAST = 1024;
  static final int MOST = 64 * 1024;
  private static final int FIRST = 4 * 1024;
  private static final int FULL_READS_OF_A_FAST_STREAM = 8;

  private int size = FIRST;
  private int smallReads;
  private int fullReads;

  int next() {
    return size;
  }

  /** Learns from one read; the answer says that the stream has just proved fast, once. */
  boolean learn(int read) {
    if (read == size) {
      smallReads = 0;
      if (size < MOST) {
        size <<= 1;
        return false;
      }
      return ++fullReads == FULL_READS_OF_A_FAST_STREAM;
    }
    if (read > size >> 2) {
      smallReads = 0;
    } else if (++smallReads == 2 && size > LEAST) {
      size >>= 1;
      smallReads = 0;
    }
    return false;
  }
}
