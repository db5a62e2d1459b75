/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.StreamEnd;
import org.jspecify.annotations.Nullable;

/** Reads all and keeps nothing; an excerpt may be kept on the way. */
final class Drain implements ByteReceiver {
  @Override
  public void onBytes(ByteBuf chunk) {
    chunk.release();
  }

  @Override
  public void onEnd(StreamEnd how, @Nullable Throwable error) {}
}
