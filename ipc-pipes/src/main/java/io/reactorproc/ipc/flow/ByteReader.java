/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.unix.FileDescriptor;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads any descriptor with {@code read(2)}. A short read of a pipe means that it was empty;
 * terminals and sockets may answer with less than they hold.
 */
final class ByteReader implements ChunkReader {
  private final Kernel kernel;
  private final Descriptor descriptor;
  private final FileDescriptor fd;
  private final Medium medium;
  private final ReadSizing sizing = new ReadSizing();
  private boolean pipe;
  private boolean shortRead;
  private boolean atEnd;

  ByteReader(Kernel kernel, Descriptor descriptor, FileDescriptor fd, Medium medium) {
    this.kernel = kernel;
    this.descriptor = descriptor;
    this.fd = fd;
    this.medium = medium;
  }

  @Override
  public void open() {
    pipe = medium.isPipe(kernel, descriptor.number());
  }

  @Override
  public @Nullable ByteBuf read() throws IOException {
    int size = sizing.next();
    ByteBuf chunk = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
    int read;
    try {
      read = read(chunk, size);
    } catch (IOException e) {
      chunk.release();
      SystemCallException failure = IoErrors.of("read", e, "read a stream");
      if (!medium.isEndOfFile(failure)) {
        throw failure;
      }
      atEnd = true;
      return null;
    }
    if (read <= 0) {
      chunk.release();
      atEnd = read < 0;
      return null;
    }
    shortRead = read < size;
    if (sizing.learn(read)) {
      medium.grow(kernel, descriptor.number());
    }
    return chunk.writerIndex(read);
  }

  private int read(ByteBuf chunk, int size) throws IOException {
    if (chunk.hasMemoryAddress()) {
      return fd.readAddress(chunk.memoryAddress(), 0, size);
    }
    // Where Netty is denied Unsafe, its direct buffers tell no address.
    ByteBuffer direct = chunk.internalNioBuffer(0, size);
    return fd.read(direct, direct.position(), direct.limit());
  }

  @Override
  public boolean isAtEnd() {
    return atEnd;
  }

  @Override
  public boolean leftNothing() {
    return shortRead && pipe;
  }

  @Override
  public boolean isEmpty() {
    return medium.isEmpty(kernel, descriptor.number());
  }
}
