/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.MemoryFiles;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * The bytes of one {@link Stdin.Memory} in a sealed file without a name, which each child gets
 * opened anew. Copying is the only cost, and it is not the event loop's.
 */
final class MemoryFile implements AutoCloseable {
  /** Small enough for a processor's cache, where a piece from the heap goes through it. */
  private static final int PIECE = 256 * 1024;

  private static final String PURPOSE = "keep an input in memory";

  private final MemoryFiles files;
  private final Descriptor file;

  private MemoryFile(MemoryFiles files, Descriptor file) {
    this.files = files;
    this.file = file;
  }

  /**
   * Makes, fills and seals it. Blocks for as long as the copying takes.
   *
   * @param unwanted asked after each piece; once it is true the rest is left out
   */
  static MemoryFile fill(
      MemoryFiles files, Kernel kernel, Stdin.Memory from, BooleanSupplier unwanted)
      throws SystemCallException {
    Descriptor file = Descriptor.own(kernel, files.create(PURPOSE));
    try {
      for (ByteBuffer piece : from.content().get()) {
        write(files, file, piece.duplicate(), unwanted);
      }
      files.seal(file.number(), PURPOSE);
      return new MemoryFile(files, file);
    } catch (SystemCallException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static void write(
      MemoryFiles files, Descriptor file, ByteBuffer bytes, BooleanSupplier unwanted)
      throws SystemCallException {
    ByteBuf copy = bytes.isDirect() ? null : PooledByteBufAllocator.DEFAULT.directBuffer(PIECE);
    try {
      int end = bytes.limit();
      while (bytes.position() < end && !unwanted.getAsBoolean()) {
        bytes.limit(bytes.position() + Math.min(PIECE, end - bytes.position()));
        if (copy == null) {
          files.write(file.number(), bytes, PURPOSE);
          bytes.position(bytes.limit());
        } else {
          copy.clear().writeBytes(bytes);
          files.write(file.number(), copy.nioBuffer(), PURPOSE);
        }
      }
    } finally {
      if (copy != null) {
        copy.release();
      }
    }
  }

  /** The number of a read-only descriptor of its own, at the first byte; the caller's to close. */
  int reopen() throws SystemCallException {
    return files.reopen(file.number(), PURPOSE);
  }

  @Override
  public void close() {
    file.close();
  }
}
