/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Makes the records found by one scan of a chunk into one batch. */
final class BatchCutter extends RecordCutter<RecordBatch> {

  BatchCutter(Records records) {
    super(records);
  }

  @Override
  public long deliver(long limit, Output<? super RecordBatch> output) {
    output.accept(next()); // one batch takes all that is at hand
    return 1;
  }

  @Override
  RecordBatch inside(ByteBuf chunk, int start, int length, long offset) {
    return new RecordBatch(chunk.retain(), chunk.readerIndex(), takeRun(start, length));
  }

  @Override
  RecordBatch joined(byte[] bytes, long offset) {
    return new RecordBatch(Unpooled.wrappedBuffer(bytes), 0, new int[] {0, bytes.length});
  }
}
