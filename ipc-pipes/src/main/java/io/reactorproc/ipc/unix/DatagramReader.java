/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.flow.ChunkReader;
import io.reactorproc.ipc.flow.Landing;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads datagrams. The chunk of a read is its bytes; {@link #datagram} adds what else came with the
 * last one. On the loop.
 */
final class DatagramReader implements ChunkReader {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramReader.class);

  private final Sockets sockets;
  private final Descriptor descriptor;
  private final UnixAccess access;
  private final int most;

  /** Any thread reads, the loop counts. */
  private final AtomicLong refused = new AtomicLong();

  private int length;
  private UnixAddress sender = UnixAddress.UNNAMED;
  private PeerCredentials credentials = new PeerCredentials(0, -1, -1);
  private boolean lacksDescriptors;
  private List<Descriptor> descriptors = List.of();

  DatagramReader(Sockets sockets, Descriptor descriptor, UnixAccess access, int most) {
    this.sockets = sockets;
    this.descriptor = descriptor;
    this.access = access;
    this.most = most;
  }

  long refused() {
    return refused.get();
  }

  @Override
  public @Nullable ByteBuf read() throws IOException {
    close();
    Landing landing = Landing.ofThread(most);
    SocketMessage message = SocketMessage.ofThread();
    int count =
        sockets.receive(descriptor.number(), landing.address(), most, Sockets.REAL_LENGTH, message);
    if (count == -Errno.EAGAIN.intValue()) {
      return null;
    }
    if (count < 0) {
      throw new SystemCallException("recvmsg", -count, "receive a datagram");
    }
    length = count;
    credentials = new PeerCredentials(message.pid(), message.uid(), message.gid());
    sender = UnixAddress.ofName(message.senderName());
    lacksDescriptors = message.lacksDescriptors();
    keepDescriptors(message);
    return landing.copy(PooledByteBufAllocator.DEFAULT, Math.min(count, most));
  }

  private void keepDescriptors(SocketMessage message) {
    if (message.descriptorCount() > 0) {
      descriptors = new ArrayList<>(message.descriptorCount());
      for (int i = 0; i < message.descriptorCount(); i++) {
        descriptors.add(Descriptor.own(message.descriptor(i)));
      }
    }
  }

  /** The whole of the datagram that was read last; null where its sender is not allowed. */
  @Nullable UnixDatagram datagram(ByteBuf bytes) {
    if (!isAllowed()) {
      refused.incrementAndGet();
      bytes.release();
      close();
      return null;
    }
    List<Descriptor> taken = descriptors;
    descriptors = List.of();
    return new UnixDatagram(bytes, length, sender, credentials, taken, lacksDescriptors);
  }

  private boolean isAllowed() {
    try {
      return access.allows(credentials);
    } catch (RuntimeException thrown) {
      LOG.error("the access policy of a socket threw, {} is refused", credentials, thrown);
      return false;
    }
  }

  /** A socket that others can always send to has no end. */
  @Override
  public boolean isAtEnd() {
    return false;
  }

  @Override
  public boolean leftNothing() {
    return false;
  }

  @Override
  public boolean isEmpty() {
    return false;
  }

  @Override
  public void close() {
    if (!descriptors.isEmpty()) {
      descriptors.forEach(Descriptor::close);
      descriptors = List.of();
    }
  }
}
