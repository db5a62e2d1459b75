/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;

/**
 * Turns chunks of bytes into values, one at a time. This is the part of decoding that knows nothing
 * of demand, threads or terminal signals; {@link DecodingSubscriber} knows all of these and nothing
 * of bytes. Confined to one thread at a time by its caller.
 */
interface StreamDecoder<T> {

  /**
   * Takes over {@code chunk}, which this decoder releases once it is used up. Called only after
   * {@link #hasNext()} answered {@code false}.
   */
  void feed(ByteBuf chunk);

  /** No chunk will follow: what was held back because more could follow is now due. */
  void end();

  /**
   * Whether a value can be made of what was fed. {@code false} also means that no chunk is held any
   * more.
   *
   * @throws RuntimeException if the bytes cannot be decoded; only {@link #discard()} may follow
   */
  boolean hasNext();

  /**
   * Makes the value that {@link #hasNext()} found; its ownership passes to the caller.
   *
   * @throws RuntimeException if the bytes cannot be decoded; only {@link #discard()} may follow
   */
  T next();

  /**
   * Makes the value that {@link #hasNext()} found, and as many more as are cheap to go on with.
   *
   * @param limit how many at most, at least one
   * @return how many
   */
  default long deliver(long limit, Output<? super T> output) {
    output.accept(next());
    return 1;
  }

  /** Where values go. */
  interface Output<T> {

    /** Takes a value over; {@code false} if no other is wanted now. */
    boolean accept(T value);
  }

  /** Releases whatever is held. Harmless when called again. */
  void discard();
}
