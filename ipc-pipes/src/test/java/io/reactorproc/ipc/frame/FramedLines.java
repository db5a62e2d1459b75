/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import reactor.core.publisher.Flux;

/** The lines of the Reactive Streams test kit in frames, in memory that needs no release. */
final class FramedLines {
  private FramedLines() {}

  static Flux<ByteBuf> decode(Flux<ByteBuf> lines, Framing framing) {
    return framing.decode(framing.encode(Framing.lines().decode(lines)).map(FramedLines::unpooled));
  }

  private static ByteBuf unpooled(ByteBuf frame) {
    try {
      return Unpooled.copiedBuffer(frame);
    } finally {
      frame.release();
    }
  }
}
