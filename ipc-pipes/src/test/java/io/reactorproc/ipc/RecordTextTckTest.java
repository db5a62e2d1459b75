/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

public final class RecordTextTckTest extends DecodingVerification<String> {

  @Override
  protected Publisher<String> decode(Flux<ByteBuf> lines) {
    return Records.lines().decodeText(lines);
  }
}
