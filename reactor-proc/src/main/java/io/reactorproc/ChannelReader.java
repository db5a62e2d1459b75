/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.flow.ChunkReader;
import io.reactorproc.ipc.flow.StreamSocketReader;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Reads our end of a channel. That the child was gone before it had read all that we wrote is no
 * failure of what it wrote: the kernel says {@code ECONNRESET} then, once and behind all the data,
 * where a pipe has its end of file. On the loop.
 */
final class ChannelReader implements ChunkReader {
  private final StreamSocketReader reader;
  private boolean reset;

  ChannelReader(Descriptor socket) {
    reader = new StreamSocketReader(Sockets.system(), socket);
  }

  @Override
  public @Nullable ByteBuf read() throws IOException {
    try {
      return reader.read();
    } catch (SystemCallException e) {
      if (!e.is(Errno.ECONNRESET)) {
        throw e;
      }
      reset = true;
      return null;
    }
  }

  @Override
  public boolean isAtEnd() {
    return reset || reader.isAtEnd();
  }

  @Override
  public boolean leftNothing() {
    return reader.leftNothing();
  }

  @Override
  public boolean isEmpty() {
    return reader.isEmpty();
  }

  @Override
  public void close() {
    reader.close();
  }
}
