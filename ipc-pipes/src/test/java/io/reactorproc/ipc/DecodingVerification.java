/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** The rules of Reactive Streams, checked by its own test kit on a publisher of this package. */
public abstract class DecodingVerification<T> extends PublisherVerification<T> {

  private static final long TIMEOUT_MILLIS = 500;
  private static final long NO_SIGNAL_MILLIS = 50;

  protected DecodingVerification() {
    super(new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNAL_MILLIS));
  }

  /** The publisher under test, which shall have one element for each line. */
  protected abstract Publisher<T> decode(Flux<ByteBuf> lines);

  @Override
  public Publisher<T> createPublisher(long elements) {
    return decode(lines(elements));
  }

  @Override
  public Publisher<T> createFailedPublisher() {
    return decode(Flux.error(new IllegalStateException("expected by the test kit")));
  }

  /** As many lines, in chunks of three. */
  private static Flux<ByteBuf> lines(long count) {
    return Flux.generate(
        () -> count,
        (left, sink) -> {
          if (left == 0) {
            sink.complete();
            return left;
          }
          long now = Math.min(left, 3);
          sink.next(Unpooled.copiedBuffer(Chunks.utf8("a line\n".repeat((int) now))));
          return left - now;
        });
  }
}
