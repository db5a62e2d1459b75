/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ByteProcessor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Moves the ends of chunks to ends of records, which keep their terminator: what begins in one
 * chunk and ends in another is joined, all the rest stays in the chunk it came in.
 */
final class WholeRecords implements StreamDecoder<ByteBuf> {
  private static final byte[] NONE = {};

  private final byte terminator;
  private final ByteProcessor isNoTerminator;
  private final int maxLength;

  /** What remains of the chunk at hand; no bytes before its reader index are needed any more. */
  private @Nullable ByteBuf chunk;

  /** The beginning of a record whose end is still to come. */
  private byte[] carry = NONE;

  private int carried;

  /** Bytes of the stream before the carry. */
  private long offset;

  private boolean ended;

  WholeRecords(byte terminator, int maxLength) {
    this.terminator = terminator;
    this.isNoTerminator = value -> value != terminator;
    this.maxLength = maxLength;
  }

  @Override
  public void feed(ByteBuf next) {
    chunk = next;
  }

  @Override
  public void end() {
    ended = true;
  }

  @Override
  public boolean hasNext() {
    ByteBuf current = chunk;
    if (current != null) {
      if (current.forEachByteDesc(isNoTerminator) >= 0) {
        return true;
      }
      keep(current);
      chunk = null;
      current.release();
    }
    return ended && carried > 0;
  }

  private void keep(ByteBuf rest) {
    int size = rest.readableBytes();
    long whole = (long) carried + size;
    if (whole > maxLength) {
      byte[] head = new byte[Math.min(maxLength, RecordTooLongException.HEAD_LIMIT)];
      int fromCarry = Math.min(carried, head.length);
      System.arraycopy(carry, 0, head, 0, fromCarry);
      rest.getBytes(rest.readerIndex(), head, fromCarry, head.length - fromCarry);
      throw new RecordTooLongException(maxLength, offset, head);
    }
    if (carry.length < whole) {
      carry = Arrays.copyOf(carry, (int) Math.max(whole, Math.min(maxLength, 2L * carried)));
    }
    rest.readBytes(carry, carried, size);
    carried += size;
  }

  @Override
  public ByteBuf next() {
    ByteBuf current = chunk;
    if (current == null) {
      return lastOne();
    }
    return carried > 0 ? joined(current) : rest(current);
  }

  /** The carry and the first terminator of the chunk, with what is between. */
  private ByteBuf joined(ByteBuf from) {
    int end = from.forEachByte(isNoTerminator) + 1;
    keep(from.slice(from.readerIndex(), end - 1 - from.readerIndex()));
    from.readerIndex(end);
    if (!from.isReadable()) {
      chunk = null;
      from.release();
    }
    return lastOne();
  }

  /** The chunk up to its last terminator. */
  private ByteBuf rest(ByteBuf from) {
    int end = from.forEachByteDesc(isNoTerminator) + 1;
    offset += end - from.readerIndex();
    chunk = null;
    try {
      keep(from.slice(end, from.writerIndex() - end));
    } catch (RecordTooLongException tooLong) {
      from.release();
      throw tooLong;
    }
    return from.writerIndex(end);
  }

  private ByteBuf lastOne() {
    byte[] whole = Arrays.copyOf(carry, carried + 1);
    whole[carried] = terminator;
    offset += whole.length;
    carried = 0;
    carry = NONE;
    return Unpooled.wrappedBuffer(whole);
  }

  @Override
  public void discard() {
    carried = 0;
    carry = NONE;
    ended = false;
    ByteBuf current = chunk;
    if (current != null) {
      chunk = null;
      current.release();
    }
  }
}
