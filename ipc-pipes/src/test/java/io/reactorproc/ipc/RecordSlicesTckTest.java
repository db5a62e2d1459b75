/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

public final class RecordSlicesTckTest extends DecodingVerification<ByteBuf> {

  @Override
  protected Publisher<ByteBuf> decode(Flux<ByteBuf> lines) {
    return Records.lines().decode(lines);
  }
}
