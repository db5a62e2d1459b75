/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** The rules of Reactive Streams, checked by its own test kit on each public publisher. */
final class DecodingTckTest {

  private static final long TIMEOUT_MILLIS = 500;
  private static final long NO_SIGNAL_MILLIS = 50;

  private DecodingTckTest() {}

  /** As many lines as asked for, in chunks of three lines that tear the fourth. */
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

  private static Flux<ByteBuf> failing() {
    return Flux.error(new IllegalStateException("expected by the test kit"));
  }

  abstract static class Verification<T> extends PublisherVerification<T> {

    Verification() {
      super(new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNAL_MILLIS));
    }

    abstract Publisher<T> decode(Flux<ByteBuf> chunks);

    @Override
    public Publisher<T> createPublisher(long elements) {
      return decode(lines(elements));
    }

    @Override
    public Publisher<T> createFailedPublisher() {
      return decode(failing());
    }
  }

  public static final class SlicesTest extends Verification<ByteBuf> {
    @Override
    Publisher<ByteBuf> decode(Flux<ByteBuf> chunks) {
      return Records.lines().decode(chunks);
    }
  }

  public static final class RecordTextTest extends Verification<String> {
    @Override
    Publisher<String> decode(Flux<ByteBuf> chunks) {
      return Records.lines().decodeText(chunks);
    }
  }

  public static final class BatchesTest extends Verification<RecordBatch> {
    @Override
    Publisher<RecordBatch> decode(Flux<ByteBuf> chunks) {
      // A record that spans chunks is a batch of its own, so each line is torn in two.
      return Records.lines().decodeBatches(chunks.concatMap(DecodingTckTest::tear));
    }
  }

  public static final class TextTest extends Verification<String> {
    @Override
    Publisher<String> decode(Flux<ByteBuf> chunks) {
      return TextDecoding.utf8().decode(chunks.concatMap(DecodingTckTest::byLine));
    }
  }

  private static Flux<ByteBuf> byLine(ByteBuf chunk) {
    return Records.lines().decode(Flux.just(chunk));
  }

  private static Flux<ByteBuf> tear(ByteBuf chunk) {
    return byLine(chunk)
        .concatMap(line -> Flux.just(line, Unpooled.copiedBuffer(new byte[] {'\n'})));
  }
}
