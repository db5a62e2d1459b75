/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

/**
 * LF, CRLF or a bare CR ends a line. A CR ends its line at once, without waiting for the byte after
 * it (a progress display may not send one for long); an LF that then follows is passed over.
 */
final class UniversalLineScanner extends BoundaryScanner {

  private static final byte LF = '\n';
  private static final byte CR = '\r';
  private static final long LFS = Swar.repeat(LF);
  private static final long CRS = Swar.repeat(CR);

  private boolean afterCr;

  @Override
  int scan(byte[] bytes, int shift, int from, int to, int[] found) {
    int count = 0;
    int position = from;
    afterCr = false; // an LF after an earlier CR was passed over as leading
    while (position < to && count < found.length) {
      position = nextTerminator(bytes, position + shift, to + shift) - shift;
      if (position == to) {
        break;
      }
      found[count] = position;
      boolean cr = bytes[position + shift] == CR;
      position++;
      if (cr) {
        if (position == to) {
          afterCr = true;
        } else if (bytes[position + shift] == LF) {
          position++;
        }
      }
      found[count + 1] = position;
      count += 2;
    }
    return stop(position, count);
  }

  private static int nextTerminator(byte[] bytes, int from, int to) {
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      long word = Swar.word(bytes, i);
      long matches = Swar.matches(word, LFS) | Swar.matches(word, CRS);
      if (matches != 0) {
        return i + Swar.first(matches);
      }
    }
    while (i < to && bytes[i] != LF && bytes[i] != CR) {
      i++;
    }
    return i;
  }

  @Override
  int leading(byte[] bytes, int index) {
    return afterCr && bytes[index] == LF ? 1 : 0;
  }

  @Override
  int undecided() {
    return 0; // a CR is a terminator already
  }
}
