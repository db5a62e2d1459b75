/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The chunks of several sources as they come. Reactor's {@code merge} asks ahead by 32 elements of
 * each source and may forget reference-counted elements at a cancel; here one waits at most, and
 * none is forgotten.
 */
final class MergedChunks extends Flux<ByteBuf> {
  private final List<? extends Publisher<? extends ByteBuf>> sources;

  private MergedChunks(List<? extends Publisher<? extends ByteBuf>> sources) {
    this.sources = sources;
  }

  static Flux<ByteBuf> of(List<? extends Publisher<? extends ByteBuf>> sources) {
    return onAssembly(new MergedChunks(sources));
  }

  @Override
  public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
    if (sources.isEmpty()) {
      Operators.complete(actual);
      return;
    }
    Merging merging = new Merging(actual, sources.size());
    actual.onSubscribe(merging);
    merging.subscribeTo(sources);
  }
}
