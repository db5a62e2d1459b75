/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream socket. A short read means that it was empty, unless descriptors came along,
 * behind which the kernel stops: {@code recvmsg} says so and {@code read} would not.
 */
public final class StreamSocketReader extends SocketReader {
  private final Descriptor descriptor;
  private final ReadSizing sizing = new ReadSizing();

  /** A reader of a descriptor that others own. */
  public StreamSocketReader(Sockets sockets, Descriptor descriptor) {
    super(sockets, descriptor);
    this.descriptor = descriptor;
  }

  @Override
  public @Nullable ByteBuf read() throws IOException {
    int size = sizing.next();
    ByteBuf chunk = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
    SocketMessage message = SocketMessage.ofThread();
    int count = 0;
    try {
      count = receive(SocketMessage.addressOf(chunk, 0), size, 0, message);
    } finally {
      if (count <= 0) {
        chunk.release();
      }
    }
    if (count <= 0) {
      atEnd = count == 0;
      return null;
    }
    leftNothing = count < size && message.descriptorCount() == 0 && !message.lacksDescriptors();
    sizing.learn(count);
    return chunk.writerIndex(count);
  }

  @Override
  public boolean isEmpty() {
    return Kernel.system().available(descriptor.number()) == 0;
  }
}
