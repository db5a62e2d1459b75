/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

/** The bytes sent through an echo: what is lost or swapped moves all that follows. */
final class Pattern {
  static final int BLOCK = 64 * 1024;

  private static final byte[] BYTES = block();

  private Pattern() {}

  /** One period of the pattern. */
  static byte[] block() {
    byte[] block = new byte[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      block[i] = (byte) (i * 31 + i / 251);
    }
    return block;
  }

  /** Checks the first and the last byte of a piece that starts at this position. */
  static void check(long position, byte first, byte last, int length) {
    if (first != at(position) || last != at(position + length - 1)) {
      throw new IllegalStateException("wrong bytes at position " + position);
    }
  }

  private static byte at(long position) {
    return BYTES[(int) (position % BLOCK)];
  }
}
