/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Makes a record into a slice of its chunk, or into a heap buffer if it spans chunks. */
final class SliceCutter extends RecordCutter<ByteBuf> {

  /** References are taken in blocks, because each taking is an atomic operation. */
  private static final int BLOCK = 128;

  /** References to the current chunk that were taken and not yet given away with a slice. */
  private int spare;

  SliceCutter(Records records) {
    super(records);
  }

  @Override
  ByteBuf inside(ByteBuf chunk, int start, int length, long offset) {
    if (length == 0) {
      return Unpooled.EMPTY_BUFFER; // as a slice it may be just that, and would lose its reference
    }
    if (spare == 0) {
      chunk.retain(BLOCK);
      spare = BLOCK;
    }
    spare--;
    return chunk.slice(chunk.readerIndex() + start, length);
  }

  @Override
  ByteBuf joined(byte[] bytes, long offset) {
    return Unpooled.wrappedBuffer(bytes);
  }

  @Override
  void close(ByteBuf chunk) {
    int references = spare + 1; // the one that came with the chunk
    spare = 0;
    chunk.release(references);
  }
}
