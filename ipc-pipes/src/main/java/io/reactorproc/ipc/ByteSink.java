/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.flow.WriteQueue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The writing end of a pipe or socket.
 *
 * <p>Each {@code write} returns a {@link Mono} that does nothing until it is subscribed. Writes
 * happen one after the other in the order of their subscriptions, so that two writers never mix
 * within an element. A write completes when the kernel has taken its last byte: where the reader is
 * slow, that is when the reader has made room, which is the back-pressure. Outcomes are delivered
 * on the descriptor's event loop. Cancelling a write cancels its source; bytes that were handed
 * over are not taken back. A write may be subscribed again where its source may.
 *
 * <p>A reader that closes its end is the outcome {@link WriteOutcome#readerGone()}, not an error,
 * and so is a write after {@link #close()}. Other failures of {@code write(2)} are {@link
 * io.reactorproc.ipc.sys.SystemCallException}s. May be used from any thread.
 */
public final class ByteSink {
  private final WriteQueue queue;

  /** Wraps the loop's side; users get sinks from the streams of this project. */
  public ByteSink(WriteQueue queue) {
    this.queue = queue;
  }

  /**
   * Writes the buffers of a publisher, each as soon as it comes. The publisher is subscribed to on
   * the event loop, so one that blocks needs {@code subscribeOn}. It is asked for no more while 128
   * KiB, or one element, wait for the reader, going by the largest element it had so far, and for
   * 32 elements at a time at most. Once the reader is gone it is cancelled, at once. The sink
   * releases the buffers, those that the publisher's operators discard included.
   */
  public Mono<WriteOutcome> write(Publisher<? extends ByteBuf> buffers) {
    Objects.requireNonNull(buffers, "buffers");
    return queue.write(buffers);
  }

  /** Writes an array, which must not be changed until the write completes. */
  public Mono<WriteOutcome> write(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return write(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(bytes)));
  }

  /** Writes what remains in the buffer, whose position stays; do not change it meanwhile. */
  public Mono<WriteOutcome> write(ByteBuffer bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return write(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(bytes.duplicate())));
  }

  /** Writes text in UTF-8. */
  public Mono<WriteOutcome> write(String text) {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes each text in UTF-8 as it comes, with nothing added between them. */
  public Mono<WriteOutcome> writeText(Publisher<String> texts) {
    return write(
        Flux.from(texts)
            .map(text -> Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8))));
  }

  /**
   * Half-closes: when the writes subscribed before are done, our end is closed and the reader sees
   * end of file. Completes when that has happened; repeating it does nothing more.
   */
  public Mono<Void> close() {
    return queue.close().then();
  }
}
