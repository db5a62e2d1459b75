/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * A stage that is a function: it turns the output of the stage before into the input of the one
 * behind.
 *
 * @param transformation called once for each run, on its event loop
 */
record JavaStage(
    Function<? super Flux<ByteBuf>, ? extends Publisher<? extends ByteBuf>> transformation)
    implements Stage {

  /** What comes out where this goes in. */
  Flux<ByteBuf> over(Flux<ByteBuf> output) {
    return Flux.defer(() -> Flux.from(transformation.apply(output)));
  }

  /** This stage and another one behind it: no pipe is needed between the two. */
  JavaStage then(JavaStage next) {
    return new JavaStage(output -> next.over(over(output)));
  }

  @Override
  public String toString() {
    return "(Java)";
  }
}
