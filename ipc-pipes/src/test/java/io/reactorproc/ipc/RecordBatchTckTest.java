/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

public final class RecordBatchTckTest extends DecodingVerification<RecordBatch> {

  private static final byte[] LF = {'\n'};

  /** A record that spans chunks is a batch of its own, so each line is torn from its end. */
  @Override
  protected Publisher<RecordBatch> decode(Flux<ByteBuf> lines) {
    Flux<ByteBuf> torn =
        Records.lines()
            .decode(lines)
            .concatMapIterable(line -> List.of(line, Unpooled.wrappedBuffer(LF)));
    return Records.lines().decodeBatches(torn);
  }
}
