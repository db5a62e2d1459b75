/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes at a time in one {@code long} (SIMD within a register). */
final class Swar {

  private static final long LOW_SEVEN = 0x7F7F7F7F7F7F7F7FL;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long ONES = 0x0101010101010101L;

  /** Little-endian whatever the machine is, so that the lowest set bit is the first byte. */
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Swar() {}

  static long word(byte[] bytes, int index) {
    return (long) LONGS.get(bytes, index);
  }

  /** The word that holds {@code value} in each byte. */
  static long repeat(byte value) {
    return (value & 0xFFL) * ONES;
  }

  /**
   * The high bit of each byte of {@code word} that equals the byte repeated in {@code pattern}, and
   * nothing else: the addition stays within each byte, so that no carry marks a neighbour.
   */
  static long matches(long word, long pattern) {
    long difference = word ^ pattern;
    return ~(((difference & LOW_SEVEN) + LOW_SEVEN) | difference | LOW_SEVEN);
  }

  /** Which byte, 0 to 7, the first mark of {@code matches} stands for. */
  static int first(long matches) {
    return Long.numberOfTrailingZeros(matches) >>> 3;
  }

  /**
   * Passes over blocks without a match: the byte repeated in {@code pattern} is not in {@code
   * [from, result)}. Cheaper for each byte than {@link #matches}, for want of telling where.
   */
  static int skip(byte[] bytes, int from, int to, long pattern) {
    int i = from;
    for (; i <= to - 4 * Long.BYTES; i += 4 * Long.BYTES) {
      long a = word(bytes, i) ^ pattern;
      long b = word(bytes, i + 8) ^ pattern;
      long c = word(bytes, i + 16) ^ pattern;
      long d = word(bytes, i + 24) ^ pattern;
      // A byte that is zero borrows from its neighbour and gets its high bit set.
      long zeros = (a - ONES & ~a) | (b - ONES & ~b) | (c - ONES & ~c) | (d - ONES & ~d);
      if ((zeros & HIGH_BITS) != 0) {
        break;
      }
    }
    return i;
  }

  /** The index of the first {@code value} in {@code [from, to)}, or {@code to}. */
  static int indexOf(byte[] bytes, int from, int to, byte value) {
    long pattern = repeat(value);
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      long found = matches(word(bytes, i), pattern);
      if (found != 0) {
        return i + first(found);
      }
    }
    while (i < to && bytes[i] != value) {
      i++;
    }
    return i;
  }

  /** Whether every byte in {@code [from, to)} is below 128. */
  static boolean isAscii(byte[] bytes, int from, int to) {
    int i = from;
    for (; i <= to - 4 * Long.BYTES; i += 4 * Long.BYTES) {
      long four = word(bytes, i) | word(bytes, i + 8) | word(bytes, i + 16) | word(bytes, i + 24);
      if ((four & HIGH_BITS) != 0) {
        return false;
      }
    }
    for (; i < to; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Text of bytes that are all ASCII. The constructor with a high byte is deprecated because it
   * ignores charsets, which is what is wanted: it is a plain copy and small enough to be inlined,
   * and makes a short string twice as fast as the one with a charset does on JDK 17.
   */
  @SuppressWarnings("deprecation")
  static String asciiText(byte[] bytes, int from, int length) {
    return new String(bytes, 0, from, length);
  }
}
