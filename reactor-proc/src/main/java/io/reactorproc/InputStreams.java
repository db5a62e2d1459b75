/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/** Blocking input as a publisher that reads by demand, off the event loops. */
final class InputStreams {
  private static final int CHUNK = 32 * 1024;

  private InputStreams() {}

  static Flux<ByteBuf> read(Callable<? extends InputStream> opener) {
    return Flux.<ByteBuf, InputStream>generate(
            opener::call, InputStreams::next, InputStreams::close)
        .subscribeOn(Schedulers.boundedElastic());
  }

  private static InputStream next(InputStream stream, SynchronousSink<ByteBuf> sink) {
    byte[] chunk = new byte[CHUNK];
    try {
      int read = stream.read(chunk);
      if (read < 0) {
        sink.complete();
      } else {
        sink.next(Unpooled.wrappedBuffer(chunk, 0, read));
      }
    } catch (IOException e) {
      sink.error(e);
    }
    return stream;
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // The bytes that were read are what counts; a failing close of an input changes none of them.
      org.slf4j.LoggerFactory.getLogger(InputStreams.class).debug("closing an input failed", e);
    }
  }
}
