/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Reads a connected Unix socket with {@code recvmsg(2)}, of a kind that a subclass knows.
 *
 * <p>Descriptors that come along are kept for {@link #takeDescriptors()} where somebody said that
 * he wants them; else the kernel gets no room for them, closes them and says so. Those that nobody
 * takes are closed here: at the next read, and at the end.
 */
public abstract class SocketReader implements ChunkReader {
  private static final int NOTHING_NOW = -Errno.EAGAIN.intValue();

  private final Sockets sockets;
  private final Descriptor descriptor;
  private boolean withDescriptors;
  private List<Descriptor> arrived = List.of();

  /** Whether the last null was the end of file. */
  boolean atEnd;

  /** Whether the last read is known to have left nothing. */
  boolean leftNothing;

  SocketReader(Sockets sockets, Descriptor descriptor) {
    this.sockets = sockets;
    this.descriptor = descriptor;
  }

  /** Keeps the descriptors that come, from the next read on. On the loop. */
  public final void acceptDescriptors() {
    withDescriptors = true;
  }

  /** The descriptors that came with the last chunk, which are the caller's now. On the loop. */
  public final List<Descriptor> takeDescriptors() {
    List<Descriptor> taken = arrived;
    arrived = List.of();
    return taken;
  }

  /** One read: the bytes, or -1 where there is nothing now. */
  final int receive(long address, int size, int flags, SocketMessage message) throws IOException {
    closeArrived();
    int all = withDescriptors ? flags : flags | Sockets.WITHOUT_DESCRIPTORS;
    int count = sockets.receive(descriptor.number(), address, size, all, message);
    if (count < 0) {
      if (count == NOTHING_NOW) {
        return -1;
      }
      throw new SystemCallException("recvmsg", -count, "read a socket");
    }
    if (message.descriptorCount() > 0) {
      keep(message);
    }
    if (withDescriptors && message.lacksDescriptors()) {
      int kept = arrived.size();
      closeArrived();
      throw new DescriptorsLostException(kept);
    }
    return count;
  }

  private void keep(SocketMessage message) {
    List<Descriptor> owned = new ArrayList<>(message.descriptorCount());
    for (int i = 0; i < message.descriptorCount(); i++) {
      owned.add(Descriptor.own(message.descriptor(i)));
    }
    arrived = owned;
  }

  /** Looks at what comes next and takes nothing: as {@link #receive}. */
  final int peek(long address, SocketMessage message) {
    int flags = Sockets.PEEK | Sockets.WITHOUT_DESCRIPTORS;
    return sockets.receive(descriptor.number(), address, 0, flags, message);
  }

  @Override
  public abstract @Nullable ByteBuf read() throws IOException;

  @Override
  public final boolean isAtEnd() {
    return atEnd;
  }

  @Override
  public final boolean leftNothing() {
    return leftNothing;
  }

  @Override
  public final void close() {
    closeArrived();
  }

  private void closeArrived() {
    if (!arrived.isEmpty()) {
      takeDescriptors().forEach(Descriptor::close);
    }
  }
}
