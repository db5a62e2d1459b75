/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

/**
 * Finds where records end. Positions count from the first byte of the current chunk; a chunk is
 * scanned front to back in one or more calls, and chunks follow each other without a gap, so that a
 * terminator may be split anywhere.
 */
abstract class BoundaryScanner {

  private int scannedTo;

  /**
   * Looks for terminators in {@code [from, to)} and writes a pair for each to {@code found}: where
   * the content ends, and where the next record starts. An end before {@code from} (negative even)
   * lies in bytes that were scanned earlier. Stops when {@code found} is full; {@link #scannedTo()}
   * says where.
   *
   * @param bytes holds the byte of position {@code p} at {@code p + shift}
   * @return how many numbers were written, two for each terminator
   */
  abstract int scan(byte[] bytes, int shift, int from, int to, int[] found);

  /** How many of the bytes scanned last may turn out to belong to a terminator. */
  abstract int undecided();

  /**
   * How many bytes from {@code index} on still belong to the terminator found last, and so to no
   * record. Asked before each scan of at least one byte.
   */
  int leading(byte[] bytes, int index) {
    return 0;
  }

  /** The position after the last byte looked at. */
  final int scannedTo() {
    return scannedTo;
  }

  /** Ends a scan: notes how far it came, and hands {@code count} through. */
  final int stop(int position, int count) {
    scannedTo = position;
    return count;
  }
}
