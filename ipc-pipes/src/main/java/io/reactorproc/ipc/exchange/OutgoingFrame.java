/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.flow.WriteOutcome;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A frame on its way to the channel, which takes it whole or not at all: so a cancel either keeps
 * it from being sent or comes too late, and never cuts it.
 */
final class OutgoingFrame {
  /** Swapped out by who takes it: the channel, or who withdraws it. */
  private final AtomicReference<@Nullable ByteBuf> frame;

  OutgoingFrame(ByteBuf frame) {
    this.frame = new AtomicReference<>(frame);
  }

  /** Writes it when its turn comes. To be subscribed once; whatever happens, it is released. */
  Mono<WriteOutcome> writeTo(ByteSink sink) {
    return sink.write(Mono.<ByteBuf>fromCallable(() -> frame.getAndSet(null)))
        .doFinally(end -> withdraw());
  }

  /** Releases it, if the channel has not got it. */
  boolean withdraw() {
    ByteBuf left = frame.getAndSet(null);
    if (left == null) {
      return false;
    }
    left.release();
    return true;
  }
}
