/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.netty.buffer.ByteBuf;
import io.reactorproc.LentDescriptor;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A kernel pipe of which commands get the ends. Each end has to be closed here when no command is
 * to be started with it any more: only then will the reader see the end, or the writer SIGPIPE.
 */
final class Joint {
  private final Pipe pipe;
  private final LentDescriptor reading;
  private final LentDescriptor writing;
  private final AtomicBoolean readHere = new AtomicBoolean();
  private final AtomicBoolean writtenHere = new AtomicBoolean();

  private Joint(Pipe pipe) {
    this.pipe = pipe;
    this.reading = new LentDescriptor(pipe.readEnd());
    this.writing = new LentDescriptor(pipe.writeEnd());
  }

  static Joint open() throws SystemCallException {
    return new Joint(Pipe.open());
  }

  /** The end for what reads. */
  Slot readEnd() {
    return new Slot.Shared(reading);
  }

  /** The end for what writes. */
  Slot writeEnd() {
    return new Slot.Shared(writing);
  }

  /** Reads here what commands write; from its subscription on, that end is the stream's. */
  Flux<ByteBuf> read() {
    return Flux.defer(
        () -> {
          readHere.set(true);
          return DescriptorStreams.read(pipe.readEnd());
        });
  }

  /** Writes here what commands read; from its subscription on, that end is the sink's. */
  Mono<ByteSink> write() {
    return Mono.defer(
        () -> {
          writtenHere.set(true);
          return DescriptorStreams.write(pipe.writeEnd());
        });
  }

  void closeReading() {
    reading.close();
  }

  void closeWriting() {
    writing.close();
  }

  /** Closes both ends, but for one that a stream in Java has: that closes it. */
  void close() {
    if (!readHere.get()) {
      closeReading();
    }
    if (!writtenHere.get()) {
      closeWriting();
    }
  }
}
