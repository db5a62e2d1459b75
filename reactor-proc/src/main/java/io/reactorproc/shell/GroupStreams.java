/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.LentDescriptor;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * What the redirects of a group lead to, opened once for all commands in it. A cancel may close it
 * while it is being opened on another thread; nothing is left open then either.
 */
final class GroupStreams {
  private final List<Runnable> closing = new ArrayList<>();
  private boolean closed;
  private Mono<Boolean> feeding = Mono.just(true);

  /** Opens files, and so may block. */
  Streams open(Redirects redirects) throws CannotOpenException, SystemCallException {
    for (Slot.ToOpen file : redirects.overridden()) {
      OpenFile.open(file).close();
    }
    Streams streams = redirects.streams();
    for (Slot slot : redirects.streams().slots()) {
      streams = streams.replacing(slot, opened(slot));
    }
    return streams;
  }

  private Slot opened(Slot slot) throws CannotOpenException, SystemCallException {
    if (slot instanceof Slot.ToOpen file) {
      LentDescriptor lent = new LentDescriptor(OpenFile.open(file));
      closeLater(lent::close);
      return new Slot.Shared(lent);
    }
    return slot instanceof Slot.Input input ? fed(input.stdin()) : slot;
  }

  /** Bytes from Java come through a pipe, of which each command takes what it reads. */
  private Slot fed(Stdin given) throws SystemCallException {
    Stdin stdin = given instanceof Stdin.Memory memory ? memory.pumped() : given;
    if (!(stdin instanceof Stdin.Published published)) {
      throw new IllegalArgumentException("for one command only, not for a group: " + stdin);
    }
    Joint joint = Joint.open();
    closeLater(joint::close);
    feeding =
        joint
            .write()
            .flatMap(sink -> sink.write(published.buffers()).then(sink.close()))
            .thenReturn(true);
    return joint.readEnd();
  }

  private synchronized void closeLater(Runnable close) {
    if (closed) {
      close.run();
    } else {
      closing.add(close);
    }
  }

  /** Writes what comes from Java; ends when it is all written, or nobody reads any more. */
  Mono<Boolean> feeding() {
    return feeding;
  }

  /** No more commands will be started in the group. Repeating does nothing. */
  synchronized void close() {
    closed = true;
    closing.forEach(Runnable::run);
    closing.clear();
  }
}
