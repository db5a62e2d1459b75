/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;
import java.nio.charset.Charset;
import java.util.Objects;

/**
 * Consecutive records of a stream in one buffer, numbered from 0. There is at least one.
 *
 * <p>A batch is a view: it holds its buffer by one reference, and {@link #release()} gives that
 * back. What is read from it in place ({@link #buffer()}, {@link #slice(int)}) is valid until then;
 * {@link #retain()} prolongs that. Reading is safe from any thread, since nothing here moves the
 * buffer's indices.
 *
 * <pre>{@code
 * long errors = 0;
 * for (int i = 0; i < batch.size(); i++) {
 *   if (batch.length(i) > 0 && batch.buffer().getByte(batch.start(i)) == 'E') {
 *     errors++;
 *   }
 * }
 * batch.release();
 * }</pre>
 */
public final class RecordBatch implements ReferenceCounted {

  private final ByteBuf buffer;
  private final int base;
  private final int[] bounds;

  /**
   * @param bounds start and end of each record, counted from {@code base}
   */
  RecordBatch(ByteBuf buffer, int base, int[] bounds) {
    this.buffer = buffer;
    this.base = base;
    this.bounds = bounds;
  }

  /** How many records there are, at least one. */
  public int size() {
    return bounds.length >>> 1;
  }

  /** The absolute index in {@link #buffer()} of the record's first byte. */
  public int start(int record) {
    return base + bounds[2 * record];
  }

  /** The absolute index in {@link #buffer()} after the record's last byte. */
  public int end(int record) {
    return base + bounds[2 * record + 1];
  }

  /** The length of the record in bytes, without its terminator. */
  public int length(int record) {
    return bounds[2 * record + 1] - bounds[2 * record];
  }

  /**
   * The memory the records lie in, and bytes that are none of theirs. It is shared: to be read by
   * absolute index only, never written.
   */
  public ByteBuf buffer() {
    return buffer;
  }

  /** The record in place; not retained, so valid as long as the batch. */
  public ByteBuf slice(int record) {
    return buffer.slice(start(record), length(record));
  }

  /** The record as text, malformed bytes replaced; independent of the batch. */
  public String text(int record, Charset charset) {
    return buffer.toString(start(record), length(record), charset);
  }

  /** A copy of the record; independent of the batch. */
  public byte[] bytes(int record) {
    byte[] copy = new byte[length(record)];
    buffer.getBytes(start(record), copy);
    return copy;
  }

  @Override
  public int refCnt() {
    return buffer.refCnt();
  }

  @Override
  public RecordBatch retain() {
    buffer.retain();
    return this;
  }

  @Override
  public RecordBatch retain(int increment) {
    buffer.retain(increment);
    return this;
  }

  @Override
  public RecordBatch touch() {
    buffer.touch();
    return this;
  }

  @Override
  public RecordBatch touch(Object hint) {
    buffer.touch(Objects.requireNonNull(hint, "hint"));
    return this;
  }

  @Override
  public boolean release() {
    return buffer.release();
  }

  @Override
  public boolean release(int decrement) {
    return buffer.release(decrement);
  }

  @Override
  public String toString() {
    return "RecordBatch[" + size() + " records]";
  }
}
