/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;

/** Runs a {@link StreamDecoder}, a new one for each subscription, over a stream of chunks. */
final class DecodingFlux<T> extends FluxOperator<ByteBuf, T> {

  private final Supplier<? extends StreamDecoder<T>> decoders;

  private DecodingFlux(Flux<ByteBuf> source, Supplier<? extends StreamDecoder<T>> decoders) {
    super(source);
    this.decoders = decoders;
  }

  static <T> Flux<T> of(
      Publisher<? extends ByteBuf> source, Supplier<? extends StreamDecoder<T>> decoders) {
    return onAssembly(new DecodingFlux<>(Flux.from(source), decoders));
  }

  @Override
  public void subscribe(CoreSubscriber<? super T> actual) {
    StreamDecoder<T> decoder;
    try {
      decoder = decoders.get();
    } catch (RuntimeException e) {
      // Nothing was subscribed to yet, so there is nothing to release.
      Operators.error(actual, Operators.onOperatorError(e, actual.currentContext()));
      return;
    }
    source.subscribe(new DecodingSubscriber<>(actual, decoder));
  }
}
