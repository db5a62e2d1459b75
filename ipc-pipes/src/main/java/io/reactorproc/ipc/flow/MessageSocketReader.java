/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a seqpacket socket, one message at a time into a buffer of its size.
 *
 * <p>An empty message and the end of file are both a read of 0 bytes. They differ in what comes
 * along: a message has its sender's credentials, for which the socket is asked with {@code
 * SO_PASSCRED}, and the end of file has not.
 */
public final class MessageSocketReader extends SocketReader {
  private final Sockets sockets;
  private final Descriptor descriptor;
  private final int most;

  /**
   * A reader of a descriptor that others own.
   *
   * @param most bytes of the longest message to be taken
   */
  public MessageSocketReader(Sockets sockets, Descriptor descriptor, int most) {
    super(sockets, descriptor);
    this.sockets = sockets;
    this.descriptor = descriptor;
    this.most = most;
  }

  @Override
  public void open() {
    sockets.setOption(descriptor.number(), Sockets.PASS_CREDENTIALS, 1);
  }

  @Override
  public @Nullable ByteBuf read() throws IOException {
    Landing landing = Landing.ofThread(most);
    SocketMessage message = SocketMessage.ofThread();
    int length = receive(landing.address(), most, Sockets.REAL_LENGTH, message);
    if (length < 0) {
      return null;
    }
    if (length == 0 && !message.hasCredentials()) {
      atEnd = true;
      return null;
    }
    if (length > most) {
      throw new MessageTooLongException(length, most);
    }
    return landing.copy(PooledByteBufAllocator.DEFAULT, length);
  }

  @Override
  public boolean isEmpty() {
    SocketMessage message = SocketMessage.ofThread();
    int length = peek(Landing.ofThread(most).address(), message);
    return length <= 0 && !(length == 0 && message.hasCredentials());
  }
}
