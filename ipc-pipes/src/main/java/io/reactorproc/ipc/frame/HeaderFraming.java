/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.reactorproc.ipc.StreamDecoder;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Header lines, an empty line, the content.
 *
 * @param maxLength the longest content
 */
record HeaderFraming(int maxLength) implements Framing {
  private static final int LONGEST_OF_OURS = 40;

  HeaderFraming {
    Limits.check(maxLength);
  }

  @Override
  public Framing maxLength(int bytes) {
    return new HeaderFraming(bytes);
  }

  @Override
  public Flux<ByteBuf> decode(Publisher<? extends ByteBuf> chunks) {
    return StreamDecoder.decode(chunks, () -> new HeaderCutter(maxLength));
  }

  @Override
  public ByteBuf encode(ByteBuf content) {
    Limits.checkToSend(content, maxLength);
    ByteBuf header = Limits.header(LONGEST_OF_OURS, content);
    ByteBufUtil.writeAscii(header, "Content-Length: " + content.readableBytes() + "\r\n\r\n");
    return Limits.join(header, content);
  }
}
