/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.MemoryFiles;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that many children read: copied into a sealed file in memory once, when the first of them
 * is started, instead of once for each as {@link Stdin#memory} does. Each child reads all of them,
 * from the first byte. The owner closes it when no more are to be started; those that run go on
 * reading. Any thread.
 */
public final class MemoryInput implements AutoCloseable {
  private final Stdin.Memory stdin;

  /** Written under the lock; who asks only whether it is there does not wait for a copy. */
  private volatile @Nullable MemoryFile file;

  private boolean closed;
  private int borrowed;

  private MemoryInput(Stdin.Memory content) {
    this.stdin = new Stdin.Memory(content.content(), content.length(), this);
  }

  /** These bytes; the array must not be changed until this is closed. */
  public static MemoryInput of(byte[] bytes) {
    return new MemoryInput((Stdin.Memory) Stdin.memory(bytes));
  }

  /** What remains in these buffers, one after the other. */
  public static MemoryInput of(ByteBuffer... pieces) {
    return new MemoryInput((Stdin.Memory) Stdin.memory(pieces));
  }

  /** What is readable in this buffer, which stays its owner's. */
  public static MemoryInput of(ByteBuf bytes) {
    return new MemoryInput((Stdin.Memory) Stdin.memory(bytes));
  }

  /** The input of any number of children, one after the other or at the same time. */
  public Stdin stdin() {
    return stdin;
  }

  /** Whether there is nothing to copy any more, so that a start needs no time for it. */
  boolean isFilled() {
    return file != null;
  }

  /**
   * The file, made now if it is not there; open until {@link #giveBack()}. May block.
   *
   * @throws IllegalStateException if the owner has closed it
   */
  synchronized MemoryFile borrow(MemoryFiles files, Kernel kernel) throws SystemCallException {
    if (closed) {
      throw new IllegalStateException("the input in memory is closed");
    }
    MemoryFile known = file;
    if (known == null) {
      // All of it, whoever asked first: others wait for it.
      file = known = MemoryFile.fill(files, kernel, stdin, () -> false);
    }
    borrowed++;
    return known;
  }

  /** The children have their own, or will not be started. */
  synchronized void giveBack() {
    borrowed--;
    closeIfUnused();
  }

  /** Frees the memory as soon as no start is using it, and no child reads it. */
  @Override
  public synchronized void close() {
    closed = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    MemoryFile known = file;
    if (closed && borrowed == 0 && known != null) {
      file = null;
      known.close();
    }
  }
}
