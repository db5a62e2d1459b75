/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Turns chunks of bytes into values, one at a time. This is the part of decoding that knows nothing
 * of demand, threads or terminal signals; {@link #decode} knows all of these and nothing of bytes.
 * Confined to one thread at a time by its caller.
 *
 * @param <T> what is made of the bytes
 */
public interface StreamDecoder<T> {

  /**
   * Runs a decoder over a stream of chunks.
   *
   * <ul>
   *   <li><b>Work</b> starts with the subscription, each with a decoder of its own.
   *   <li><b>Demand:</b> one chunk is asked for at a time, and only when a value is wanted that
   *       cannot be made of the chunk at hand. Unbounded demand is passed on as such.
   *   <li><b>Thread:</b> the one that delivers the chunks, or the one that requests.
   *   <li><b>Ownership:</b> the chunks are released by the decoder, those that it never got here.
   *   <li><b>Cancel</b> cancels the chunks and discards the decoder.
   *   <li><b>Errors:</b> what the decoder throws follows the values before it, and cancels the
   *       chunks; an error of the chunks follows the values complete by then.
   * </ul>
   *
   * @param chunks bytes, each chunk from its reader index on
   * @param decoders makes the decoder of one subscription
   */
  static <T> Flux<T> decode(
      Publisher<? extends ByteBuf> chunks, Supplier<? extends StreamDecoder<T>> decoders) {
    return DecodingFlux.of(chunks, decoders);
  }

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

  /**
   * Where values go.
   *
   * @param <T> what the values are
   */
  interface Output<T> {

    /** Takes a value over; {@code false} if no other is wanted now. */
    boolean accept(T value);
  }

  /** Releases whatever is held. Harmless when called again. */
  void discard();
}
