/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

/**
 * How the length of a frame is written before its content. It counts the bytes of the content, and
 * is never negative: {@code FF FF FF FF} is 4 GiB less one, not -1.
 */
public enum LengthField {
  /** One byte. */
  U8(1, 0xFFL),
  /** Two bytes, the most significant first. */
  U16(2, 0xFFFFL),
  /** Two bytes, the least significant first. */
  U16_LE(2, 0xFFFFL),
  /** Four bytes, the most significant first. */
  U32(4, 0xFFFF_FFFFL),
  /** Four bytes, the least significant first. */
  U32_LE(4, 0xFFFF_FFFFL),
  /**
   * One to nine bytes with seven bits each, the least significant first, the eighth bit set in all
   * but the last (unsigned LEB128, as in protocol buffers). A longer form than is needed is
   * malformed.
   */
  VARINT(9, Long.MAX_VALUE);

  /** How many bytes it has, at most. */
  final int size;

  /** The greatest length that can be written. */
  final long most;

  LengthField(int size, long most) {
    this.size = size;
    this.most = most;
  }

  boolean isLittleEndian() {
    return this == U16_LE || this == U32_LE;
  }
}
