/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.RecordTooLongException;
import io.reactorproc.ipc.Records;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Records with a terminator, as {@link Records} cuts them.
 *
 * @param records what ends a record
 */
record RecordFraming(Records records) implements Framing {
  RecordFraming {
    Objects.requireNonNull(records, "records");
  }

  @Override
  public int maxLength() {
    return records.maxLength();
  }

  @Override
  public Framing maxLength(int bytes) {
    return new RecordFraming(records.maxLength(bytes));
  }

  @Override
  public Flux<ByteBuf> decode(Publisher<? extends ByteBuf> chunks) {
    return records
        .decode(chunks)
        .onErrorMap(RecordTooLongException.class, FrameTooLongException::of);
  }

  @Override
  public ByteBuf encode(ByteBuf content) {
    Limits.checkToSend(content, records.maxLength());
    return records.encode(content);
  }
}
