/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;

/**
 * The part of a chunk that is at hand as a {@code byte[]}. Scanning an array is so much faster than
 * scanning through {@link ByteBuf} that copying a window of a direct chunk first pays; a heap chunk
 * is used in place. A window of bounded size keeps a huge chunk from being copied whole.
 */
final class ScanWindow {

  /** As much as one read of a pipe brings; it stays in the second-level cache. */
  static final int LIMIT = 64 * 1024;

  private static final byte[] NONE = {};

  private byte[] copy = NONE;
  private byte[] bytes = NONE;
  private int shift;
  private int begin;
  private int end;

  /** Starts on a chunk, with nothing at hand yet. */
  void open(ByteBuf chunk) {
    begin = 0;
    end = 0;
    if (chunk.hasArray()) {
      bytes = chunk.array();
      shift = chunk.arrayOffset() + chunk.readerIndex();
      end = chunk.readableBytes();
    } else {
      bytes = NONE;
    }
  }

  /** Makes the byte at {@code position}, counted from the reader index, be at hand. */
  void moveTo(ByteBuf chunk, int position) {
    if (position < end) {
      return;
    }
    int size = Math.min(chunk.readableBytes() - position, LIMIT);
    if (copy.length < size) {
      copy = new byte[Math.min(LIMIT, Integer.highestOneBit(size) << 1)];
    }
    chunk.getBytes(chunk.readerIndex() + position, copy, 0, size);
    bytes = copy;
    shift = -position;
    begin = position;
    end = position + size;
  }

  /** Lets go of the chunk's array; the own one is kept for the next chunk. */
  void close() {
    bytes = NONE;
    begin = 0;
    end = 0;
  }

  /** Whether everything from {@code position} to the end of the window is at hand. */
  boolean holds(int position) {
    return position >= begin;
  }

  /** Holds the byte of position {@code p} at {@code p + shift()}. */
  byte[] bytes() {
    return bytes;
  }

  int shift() {
    return shift;
  }

  int begin() {
    return begin;
  }

  int end() {
    return end;
  }
}
