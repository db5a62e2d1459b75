/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

/**
 * A sequence of two or more bytes ends a record. Knuth-Morris-Pratt, because its whole state is one
 * number: no byte is looked at twice, so chunks may split the sequence anywhere.
 */
final class SequenceScanner extends BoundaryScanner {

  private final byte[] terminator;

  /** At {@code n}: the longest proper prefix that is also a suffix of the first {@code n} bytes. */
  private final int[] fallback;

  private int matched;

  SequenceScanner(byte[] terminator) {
    this.terminator = terminator;
    this.fallback = fallback(terminator);
  }

  private static int[] fallback(byte[] sequence) {
    int[] fallback = new int[sequence.length + 1];
    int length = 0;
    for (int i = 1; i < sequence.length; i++) {
      while (length > 0 && sequence[i] != sequence[length]) {
        length = fallback[length];
      }
      if (sequence[i] == sequence[length]) {
        length++;
      }
      fallback[i + 1] = length;
    }
    return fallback;
  }

  @Override
  int scan(byte[] bytes, int shift, int from, int to, int[] found) {
    int count = 0;
    int position = from;
    while (position < to && count < found.length) {
      if (matched == 0) {
        position = Swar.indexOf(bytes, position + shift, to + shift, terminator[0]) - shift;
        if (position == to) {
          break;
        }
      }
      byte next = bytes[position + shift];
      position++;
      while (matched > 0 && next != terminator[matched]) {
        matched = fallback[matched];
      }
      if (next == terminator[matched]) {
        matched++;
      }
      if (matched == terminator.length) {
        matched = 0; // not fallback: terminators do not overlap
        found[count] = position - terminator.length;
        found[count + 1] = position;
        count += 2;
      }
    }
    return stop(position, count);
  }

  @Override
  int undecided() {
    return matched;
  }
}
