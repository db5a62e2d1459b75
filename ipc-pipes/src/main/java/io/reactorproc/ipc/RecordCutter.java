/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.Records.Overflow;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts chunks into records. What a record is made into is the subclass's part.
 *
 * <p>A record is either inside the current chunk, the fast case, or {@code carry} holds its first
 * bytes, copied from earlier chunks. The carry never holds more than the limit and a terminator.
 */
abstract class RecordCutter<T> implements StreamDecoder<T> {

  private static final byte[] NONE = {};

  /** A carry that grew beyond this for one long record is not kept for the next. */
  private static final int CARRY_KEPT = 8 * 1024;

  private static final int PAIRS_PER_SCAN = 256;

  private final BoundaryScanner scanner;
  private final int maxLength;
  private final Overflow overflow;
  private final ScanWindow window = new ScanWindow();

  /** What the scanner found, in pairs; those from {@code index} to {@code count} are not used. */
  private final int[] found = new int[2 * PAIRS_PER_SCAN];

  private int index;
  private int count;

  private @Nullable ByteBuf chunk;
  private int readable;
  private int scanned;

  /** Bytes of the stream before the current chunk. */
  private long chunkOffset;

  /** Where in the chunk the record begins, or goes on if there is a carry. */
  private int start;

  private byte[] carry = NONE;
  private int carried;

  /** The record was cut short; its bytes up to the terminator are dropped. */
  private boolean skipping;

  private boolean ended;

  // The record that hasNext() found: its length, where the rest begins, and how much of the carry
  // is left for a further piece.
  private boolean ready;
  private int length;
  private int resume;
  private int carryLeft;

  RecordCutter(Records records) {
    scanner = records.scanner();
    maxLength = records.maxLength();
    overflow = records.overflow();
  }

  /**
   * Makes a record that lies within {@code chunk}.
   *
   * @param start position from the chunk's reader index
   * @param offset of the record's first byte in the stream
   */
  abstract T inside(ByteBuf chunk, int start, int length, long offset);

  /** Makes a record of bytes that nobody else has. */
  abstract T joined(byte[] bytes, long offset);

  /** A chunk begins. */
  void opened(ByteBuf chunk) {}

  /** Every record of the chunk was made: gives it back. */
  void close(ByteBuf chunk) {
    chunk.release();
  }

  @Override
  public final void feed(ByteBuf next) {
    chunk = next;
    readable = next.readableBytes();
    scanned = 0;
    start = 0;
    window.open(next);
    opened(next);
  }

  @Override
  public final void end() {
    ended = true;
  }

  @Override
  public final boolean hasNext() {
    if (ready) {
      return true;
    }
    while (chunk != null) {
      if (index < count) {
        if (take(found[index], found[index + 1])) {
          return true;
        }
      } else if (scanned < readable) {
        scan(chunk);
      } else if (takePart(scanner.undecided())) {
        return true;
      } else {
        finishChunk(chunk);
      }
    }
    // The end decides what was undecided: it is content.
    return ended && carried > 0 && (takePart(0) || takeRest());
  }

  private void scan(ByteBuf source) {
    window.moveTo(source, scanned);
    int shift = window.shift();
    int leading = scanner.leading(window.bytes(), scanned + shift);
    start += leading;
    index = 0;
    count = scanner.scan(window.bytes(), shift, scanned + leading, window.end(), found);
    scanned = scanner.scannedTo();
  }

  /** Takes the record whose terminator was found; {@code false} if that ends a skipped one. */
  private boolean take(int end, int next) {
    long whole = (long) carried + end - start;
    if (skipping) {
      skipping = false;
      start = next;
      index += 2;
      return false;
    }
    if (whole <= maxLength) {
      index += 2;
      return ready((int) whole, next, 0);
    }
    if (overflow == Overflow.TRUNCATE) {
      index += 2;
      return ready(maxLength, next, 0);
    }
    return takePiece();
  }

  /** Takes the head of a record whose terminator is not in sight, if it is too long already. */
  private boolean takePart(int undecided) {
    if (skipping) {
      start = readable;
      return false;
    }
    long certain = (long) carried + readable - start - undecided;
    if (certain <= maxLength) {
      return false;
    }
    if (overflow == Overflow.TRUNCATE) {
      skipping = true;
      return ready(maxLength, readable, 0);
    }
    return takePiece();
  }

  private boolean takePiece() {
    if (overflow == Overflow.ERROR) {
      int head = Math.min(maxLength, RecordTooLongException.HEAD_LIMIT);
      throw new RecordTooLongException(maxLength, offset(), gather(head));
    }
    int fromCarry = Math.min(carried, maxLength);
    return ready(maxLength, start + maxLength - fromCarry, carried - fromCarry);
  }

  private boolean takeRest() {
    return ready(carried, start, 0);
  }

  private boolean ready(int recordLength, int restFrom, int leftOfCarry) {
    length = recordLength;
    resume = restFrom;
    carryLeft = leftOfCarry;
    ready = true;
    return true;
  }

  @Override
  public final T next() {
    ByteBuf source = chunk;
    T record =
        carried == 0 && source != null
            ? inside(source, start, length, chunkOffset + start)
            : joined(gather(length), offset());
    if (carried > 0) {
      System.arraycopy(carry, carried - carryLeft, carry, 0, carryLeft);
      carried = carryLeft;
      if (carried == 0 && carry.length > CARRY_KEPT) {
        carry = NONE;
      }
    }
    start = resume;
    ready = false;
    return record;
  }

  @Override
  public long deliver(long limit, Output<? super T> output) {
    if (!output.accept(next())) {
      return 1;
    }
    ByteBuf source = chunk;
    if (source == null || carried > 0 || skipping) {
      return 1;
    }
    // Now the usual: records that lie within the chunk and are not too long. Kept free of all that
    // they do not need, because most of the time is spent here.
    long delivered = 1;
    boolean wanted = true;
    while (wanted && delivered < limit && index < count && found[index] - start <= maxLength) {
      int from = start;
      int end = found[index];
      start = found[index + 1];
      index += 2;
      wanted = output.accept(inside(source, from, end - from, chunkOffset + from));
      delivered++;
    }
    return delivered;
  }

  private long offset() {
    return chunkOffset + start - carried;
  }

  /** Copies the first {@code size} bytes of the record from the carry and the chunk. */
  private byte[] gather(int size) {
    byte[] bytes = new byte[size];
    int fromCarry = Math.min(carried, size);
    System.arraycopy(carry, 0, bytes, 0, fromCarry);
    ByteBuf source = chunk;
    if (source != null) {
      source.getBytes(source.readerIndex() + start, bytes, fromCarry, size - fromCarry);
    }
    return bytes;
  }

  private void finishChunk(ByteBuf source) {
    int rest = readable - start;
    if (rest > 0) {
      if (carry.length - carried < rest) {
        carry = Arrays.copyOf(carry, Math.max(carried + rest, 2 * carried));
      }
      source.getBytes(source.readerIndex() + start, carry, carried, rest);
      carried += rest;
    }
    chunkOffset += readable;
    start = 0;
    readable = 0;
    forget(source);
  }

  private void forget(ByteBuf source) {
    chunk = null;
    index = 0;
    count = 0;
    window.close();
    close(source);
  }

  @Override
  public final void discard() {
    ready = false;
    ended = false;
    carried = 0;
    carry = NONE;
    ByteBuf source = chunk;
    if (source != null) {
      forget(source);
    }
  }

  final ScanWindow window() {
    return window;
  }

  /**
   * Takes, while {@link #inside} makes a record of this chunk, those after it that can be made
   * without a further look at the stream.
   *
   * @return start and end of each, the given one first
   */
  final int[] takeRun(int firstStart, int firstLength) {
    int[] bounds = new int[2 + count - index];
    bounds[0] = firstStart;
    bounds[1] = firstStart + firstLength;
    int used = 2;
    while (index < count && found[index] - resume <= maxLength) {
      bounds[used] = resume;
      bounds[used + 1] = found[index];
      resume = found[index + 1];
      index += 2;
      used += 2;
    }
    return used == bounds.length ? bounds : Arrays.copyOf(bounds, used);
  }
}
