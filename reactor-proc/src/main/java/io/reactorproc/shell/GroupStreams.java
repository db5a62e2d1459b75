/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.LentDescriptor;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/** What the redirects of a group lead to, opened once for all commands in it. */
final class GroupStreams {
  private Streams streams;
  private Mono<Boolean> feeding = Mono.just(true);
  private final List<AutoCloseable> opened = new ArrayList<>();

  private GroupStreams(Streams streams) {
    this.streams = streams;
  }

  /** Opens files, and so may block. */
  static GroupStreams open(Redirects redirects) throws CannotOpenException, SystemCallException {
    for (Slot.ToOpen file : redirects.overridden()) {
      OpenFile.open(file).close();
    }
    GroupStreams group = new GroupStreams(redirects.streams());
    try {
      for (Slot slot : redirects.streams().slots()) {
        group.open(slot);
      }
      return group;
    } catch (CannotOpenException | SystemCallException | RuntimeException e) {
      group.close();
      throw e;
    }
  }

  private void open(Slot slot) throws CannotOpenException, SystemCallException {
    if (slot instanceof Slot.ToOpen file) {
      LentDescriptor lent = new LentDescriptor(OpenFile.open(file));
      opened.add(lent);
      replace(slot, new Slot.Shared(lent));
    } else if (slot instanceof Slot.Input input) {
      feed(slot, input.stdin());
    }
  }

  /** Bytes from Java come through a pipe, of which each command takes what it reads. */
  private void feed(Slot slot, Stdin stdin) throws SystemCallException {
    if (!(stdin instanceof Stdin.Published published)) {
      throw new IllegalArgumentException("for one command only, not for a group: " + stdin);
    }
    Joint joint = Joint.open();
    opened.add(joint::closeReading);
    replace(slot, joint.readEnd());
    feeding =
        DescriptorStreams.write(joint.writingHere())
            .flatMap(sink -> sink.write(published.buffers()).then(sink.close()))
            .thenReturn(true);
  }

  private void replace(Slot slot, Slot with) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
      if (streams.get(descriptor) == slot) {
        streams = streams.with(descriptor, with);
      }
    }
  }

  Streams streams() {
    return streams;
  }

  /** Writes what comes from Java; ends when it is all written, or nobody reads any more. */
  Mono<Boolean> feeding() {
    return feeding;
  }

  /** No more commands will be started in the group. */
  void close() {
    for (AutoCloseable each : opened) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException(e); // neither of them throws
      }
    }
  }
}
