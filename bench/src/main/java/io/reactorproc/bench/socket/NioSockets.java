/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.socket;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The JDK's blocking channel, with one direct buffer. */
final class NioSockets implements SocketPeer {
  private static SocketChannel connect(Path partner, char role, long bytes) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(partner));
    channel.write(ByteBuffer.wrap(SocketPeer.header(role, bytes)));
    return channel;
  }

  @Override
  public long receive(Path partner, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    long count = 0;
    try (SocketChannel channel = connect(partner, 'S', bytes)) {
      for (int read = 0; read >= 0; read = channel.read(buffer.clear())) {
        count += read;
      }
    }
    return count;
  }

  @Override
  public void send(Path partner, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    try (SocketChannel channel = connect(partner, 'K', bytes)) {
      for (long left = bytes / CHUNK; left > 0; left--) {
        buffer.clear();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
      channel.read(buffer.clear());
    }
  }

  @Override
  public long[] roundTrips(Path partner, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(TRIP);
    long[] nanos = new long[count];
    try (SocketChannel channel = connect(partner, 'E', 0)) {
      for (int trip = 0; trip < count; trip++) {
        long start = System.nanoTime();
        channel.write(buffer.clear());
        buffer.clear();
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new IOException("the partner left");
          }
        }
        nanos[trip] = System.nanoTime() - start;
      }
    }
    return nanos;
  }
}
