/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.nio.charset.StandardCharsets;
import java.util.Collection;

/**
 * An array of C strings, ready to be copied into native memory in one piece: all bytes with their
 * NULs, and where each begins. Immutable, made once per command and used for each of its children.
 */
public final class StringBlock {
  final byte[] bytes;
  final int[] offsets;

  private StringBlock(byte[] bytes, int[] offsets) {
    this.bytes = bytes;
    this.offsets = offsets;
  }

  /** A block of strings in UTF-8. */
  public static StringBlock of(Collection<String> strings) {
    return ofBytes(strings.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
  }

  /**
   * A block of raw strings without their NULs.
   *
   * @throws IllegalArgumentException if one of them holds a NUL
   */
  public static StringBlock ofBytes(Collection<byte[]> strings) {
    int length = strings.stream().mapToInt(s -> s.length + 1).sum();
    byte[] bytes = new byte[length];
    int[] offsets = new int[strings.size()];
    int at = 0;
    int index = 0;
    for (byte[] string : strings) {
      for (byte b : string) {
        if (b == 0) {
          throw new IllegalArgumentException("a C string cannot hold a NUL byte");
        }
      }
      offsets[index++] = at;
      System.arraycopy(string, 0, bytes, at, string.length);
      at += string.length + 1;
    }
    return new StringBlock(bytes, offsets);
  }

  /** The number of strings. */
  public int size() {
    return offsets.length;
  }

  /** Bytes of native memory that the strings and their pointer array take. */
  int nativeSize() {
    return align(bytes.length) + (offsets.length + 1) * Long.BYTES;
  }

  static int align(int size) {
    return (size + 15) & ~15;
  }
}
