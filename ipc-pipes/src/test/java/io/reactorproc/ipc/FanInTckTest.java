/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** Two sources by line: one has the elements, the other one is empty. */
public final class FanInTckTest extends DecodingVerification<ByteBuf> {
  @Override
  protected Publisher<ByteBuf> decode(Flux<ByteBuf> lines) {
    return FanIn.of(Records.lines().decode(lines), Flux.empty()).byChunk();
  }
}
