/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;

/** A function in the shape of a channel. */
final class ConsumingChannel implements WritableByteChannel {
  private final Consumer<ByteBuffer> consumer;
  private boolean open = true;

  ConsumingChannel(Consumer<ByteBuffer> consumer) {
    this.consumer = consumer;
  }

  @Override
  public int write(ByteBuffer source) {
    int size = source.remaining();
    consumer.accept(source.asReadOnlyBuffer());
    source.position(source.limit());
    return size;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
