/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.LentDescriptor;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SystemCallException;

/**
 * A kernel pipe of which commands get the ends. Each end has to be closed here when no command is
 * to be started with it any more: only then will the reader see the end, or the writer SIGPIPE.
 */
final class Joint {
  private final Pipe pipe;
  private final LentDescriptor reading;
  private final LentDescriptor writing;

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

  /** The reading end, for a stream in Java that owns it from then on. */
  Descriptor readingHere() {
    return pipe.readEnd();
  }

  /** The writing end, for a stream in Java that owns it from then on. */
  Descriptor writingHere() {
    return pipe.writeEnd();
  }

  void closeReading() {
    reading.close();
  }

  void closeWriting() {
    writing.close();
  }

  void close() {
    closeReading();
    closeWriting();
  }
}
