/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How the messages of a protocol are written into frames. Used by several threads at once.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public interface MessageCodec<Q, A> {

  /**
   * Writes a message, never an {@link Message.Invalid}.
   *
   * @return the content of a frame; the caller owns and releases it
   * @throws RuntimeException if it cannot be written, which is the error of who sends it
   */
  ByteBuf encode(Message<Q, A> message);

  /**
   * Reads a message.
   *
   * @param frame is released by the caller, so it is not to be kept
   * @throws MalformedMessageException if it is none
   */
  Message<Q, A> decode(ByteBuf frame);

  /**
   * The notification that tells the peer that nobody waits for this request of ours any more, null
   * where the protocol has none.
   */
  default @Nullable Q cancellation(Object id) {
    return null;
  }

  /** The id of the peer's request that this notification of the peer calls off, or null. */
  default @Nullable Object cancelled(Q notification) {
    return null;
  }

  /**
   * Whether a request that the peer called off gets an answer all the same, an {@link
   * Message.ErrorResponse} with a {@link java.util.concurrent.CancellationException}.
   */
  default boolean answersCancelled() {
    return true;
  }
}
