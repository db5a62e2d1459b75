/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;

/** Sends datagrams that no well-behaved service would. */
final class RawSender implements AutoCloseable {
  private static final int FULL = -Errno.EAGAIN.intValue();

  private final Sockets sockets = Sockets.system();
  private final byte[] name;
  private final Descriptor socket;

  RawSender(String address) throws SystemCallException {
    name = ("\0" + address.substring(1)).getBytes(StandardCharsets.ISO_8859_1);
    socket = Descriptor.own(sockets.open(SocketType.DATAGRAM, "send"));
  }

  void send(byte[] bytes, int... descriptors) {
    int[] result = {0};
    Await.until(
        "there is room",
        () -> {
          ByteBuf buffer = Unpooled.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
          SocketMessage message = SocketMessage.ofThread().clear().to(name);
          message.withDescriptors(descriptors);
          long address = SocketMessage.addressOf(buffer, 0);
          result[0] = sockets.send(socket.number(), address, bytes.length, message);
          buffer.release();
          return result[0] != FULL;
        });
    if (result[0] != bytes.length) {
      throw new AssertionError("sendmsg answered " + result[0]);
    }
  }

  void send(String text, int... descriptors) {
    send(text.getBytes(StandardCharsets.UTF_8), descriptors);
  }

  @Override
  public void close() {
    socket.close();
  }
}
