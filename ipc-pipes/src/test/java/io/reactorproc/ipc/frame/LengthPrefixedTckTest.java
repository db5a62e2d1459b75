/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.DecodingVerification;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

public final class LengthPrefixedTckTest extends DecodingVerification<ByteBuf> {

  @Override
  protected Publisher<ByteBuf> decode(Flux<ByteBuf> lines) {
    return FramedLines.decode(lines, Framing.lengthPrefixed(LengthField.U32));
  }
}
