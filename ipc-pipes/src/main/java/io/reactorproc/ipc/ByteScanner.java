/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

/** A single byte ends a record; for lines, a CR directly before it belongs to the terminator. */
final class ByteScanner extends BoundaryScanner {

  private static final byte CR = '\r';

  private final byte terminator;
  private final long pattern;
  private final boolean dropsCr;
  private boolean afterCr;

  private ByteScanner(byte terminator, boolean dropsCr) {
    this.terminator = terminator;
    this.pattern = Swar.repeat(terminator);
    this.dropsCr = dropsCr;
  }

  static ByteScanner of(byte terminator) {
    return new ByteScanner(terminator, false);
  }

  static ByteScanner lines() {
    return new ByteScanner((byte) '\n', true);
  }

  @Override
  int scan(byte[] bytes, int shift, int from, int to, int[] found) {
    int count = 0;
    int position = from;
    int full = found.length - 2 * Long.BYTES; // one word can add eight pairs
    while (position <= to - Long.BYTES && count <= full) {
      long matches = Swar.matches(Swar.word(bytes, position + shift), pattern);
      if (matches == 0) {
        position = Swar.skip(bytes, position + shift + Long.BYTES, to + shift, pattern) - shift;
        continue;
      }
      do {
        int at = position + Swar.first(matches);
        found[count] = contentEnd(bytes, shift, from, at);
        found[count + 1] = at + 1;
        count += 2;
        matches &= matches - 1;
      } while (matches != 0);
      position += Long.BYTES;
    }
    if (position > to - Long.BYTES) {
      for (; position < to && count < found.length; position++) {
        if (bytes[position + shift] == terminator) {
          found[count] = contentEnd(bytes, shift, from, position);
          found[count + 1] = position + 1;
          count += 2;
        }
      }
    }
    if (position > from) {
      afterCr = dropsCr && bytes[position - 1 + shift] == CR;
    }
    return stop(position, count);
  }

  private int contentEnd(byte[] bytes, int shift, int from, int at) {
    if (!dropsCr) {
      return at;
    }
    boolean cr = at > from ? bytes[at - 1 + shift] == CR : afterCr;
    return cr ? at - 1 : at;
  }

  @Override
  int undecided() {
    return afterCr ? 1 : 0;
  }
}
