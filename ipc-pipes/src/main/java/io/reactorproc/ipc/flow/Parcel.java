/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.List;
import jnr.constants.platform.Errno;

/**
 * Bytes with descriptors that go out with the first of them ({@code SCM_RIGHTS}). A buffer like any
 * other for all that handles buffers: whoever releases it, at whatever moment, closes the
 * descriptors, too.
 */
public final class Parcel extends CompositeByteBuf {
  private final Sockets sockets;
  private final List<Descriptor> descriptors;
  private boolean sent;

  /** Takes over the bytes, at least one, and the descriptors. */
  public Parcel(Sockets sockets, ByteBuf bytes, List<Descriptor> descriptors) {
    super(PooledByteBufAllocator.DEFAULT, true, 1);
    this.sockets = sockets;
    this.descriptors = descriptors;
    addComponent(true, direct(bytes));
  }

  private static ByteBuf direct(ByteBuf bytes) {
    if (bytes.isDirect() && bytes.nioBufferCount() == 1) {
      return bytes;
    }
    try {
      int size = bytes.readableBytes();
      return PooledByteBufAllocator.DEFAULT.directBuffer(size, size).writeBytes(bytes);
    } finally {
      bytes.release();
    }
  }

  boolean isSent() {
    return sent;
  }

  /**
   * Sends what the socket takes now.
   *
   * @return the bytes, 0 where there is no room
   */
  int send(int socket) throws SystemCallException {
    int[] numbers = descriptors.stream().mapToInt(Descriptor::number).toArray();
    SocketMessage message = SocketMessage.ofThread().clear().withDescriptors(numbers);
    long address = SocketMessage.addressOf(component(0), component(0).readerIndex());
    int count = sockets.send(socket, address, readableBytes(), message);
    if (count == -Errno.EAGAIN.intValue()) {
      return 0;
    }
    if (count < 0) {
      throw new SystemCallException("sendmsg", -count, "send descriptors");
    }
    sent = true;
    closeDescriptors();
    return count;
  }

  private void closeDescriptors() {
    descriptors.forEach(Descriptor::close);
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    closeDescriptors();
  }
}
