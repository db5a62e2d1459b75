/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Takes one chunk at a time off a descriptor, without waiting. On the loop. */
public interface ChunkReader {
  /** Called once before the first read. */
  default void open() {}

  /**
   * One {@code read}: the chunk, which is the caller's to release; null where there is nothing now
   * or nothing more, which {@link #isAtEnd()} tells apart.
   */
  @Nullable ByteBuf read() throws IOException;

  /** Whether the last null was the end of file. */
  boolean isAtEnd();

  /** Whether the last chunk was known to be all there was, so that more would be a new event. */
  boolean leftNothing();

  /** Whether nothing can be read now: there is nothing yet, or nothing more. */
  boolean isEmpty();

  /** The reading is over; the descriptor is closed by others. May be called again. */
  default void close() {}
}
