/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.sys.Descriptor;
import org.jspecify.annotations.Nullable;

/** Gets what a {@link ReadChannel} reads. All calls come on the channel's loop, one at a time. */
public interface ByteReceiver {
  /** Bytes that were asked for; the receiver owns and releases the buffer. */
  void onBytes(ByteBuf chunk);

  /**
   * The writer is known to be gone and the pipe was seen empty: all it had written has been
   * delivered. Called at most once, before {@link #onEnd}, and not where the end comes first.
   */
  default void onDrained() {}

  /**
   * The grace is over and somebody still holds the empty pipe open. Takes the place of {@link
   * #onEnd}; the receiver owns the descriptor, which epoll does not watch any more, and may look
   * for its holders before it closes it.
   */
  default void onAbandoned(Descriptor pipe) {
    pipe.close();
    onEnd(StreamEnd.ABANDONED, null);
  }

  /**
   * Nothing follows, and the descriptor is closed. Not called after a cancel.
   *
   * @param error the reason where {@code how} is {@link StreamEnd#FAILED}, else null
   */
  void onEnd(StreamEnd how, @Nullable Throwable error);
}
