/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import io.reactorproc.ipc.sys.SocketMessage;
import java.nio.ByteBuffer;

/**
 * Memory of one thread that messages of unknown size are received into, before each is copied into
 * a buffer of its own size: to ask for the size first would be a second system call, and a buffer
 * of the largest size for each would hold much more memory for as long as its reader keeps it.
 */
public final class Landing {
  private static final FastThreadLocal<Landing> OF_THREAD = new FastThreadLocal<>();

  private final ByteBuffer memory;
  private final long address;

  private Landing(int size) {
    memory = ByteBuffer.allocateDirect(size);
    address = SocketMessage.addressOf(Unpooled.wrappedBuffer(memory), 0);
  }

  /** The memory of the calling thread, made or made larger where that is due. */
  public static Landing ofThread(int size) {
    Landing landing = OF_THREAD.get();
    if (landing == null || landing.memory.capacity() < size) {
      landing = new Landing(size);
      OF_THREAD.set(landing);
    }
    return landing;
  }

  /** Where it begins. */
  public long address() {
    return address;
  }

  /** A copy of the first bytes. */
  public ByteBuf copy(ByteBufAllocator allocator, int length) {
    return allocator.directBuffer(length, length).writeBytes(memory.duplicate().limit(length));
  }
}
