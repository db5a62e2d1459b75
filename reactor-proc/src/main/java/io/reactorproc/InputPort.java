/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.flow.Duplex;
import io.reactorproc.ipc.flow.Medium;
import io.reactorproc.ipc.flow.WriteQueue;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;

/** Our end of one input of a child, and what feeds it. On the loop. */
final class InputPort {
  final int descriptor;
  private final Stdin from;
  private final WriteQueue queue;

  InputPort(
      Kernel kernel, IoEventLoop loop, int descriptor, Stdin from, Descriptor end, Medium medium) {
    this.descriptor = descriptor;
    this.from = from;
    this.queue = new WriteQueue(kernel, loop, end, medium);
  }

  /** The writing direction of a channel, for its user to write. */
  InputPort(int descriptor, Duplex channel) {
    this.descriptor = descriptor;
    this.from = Stdin.pipe();
    this.queue = new WriteQueue(channel, Medium.STREAM_SOCKET);
  }

  void open() throws SystemCallException {
    queue.open();
  }

  /** It is our side of this terminal, which knows an end of its input without being closed. */
  void onTerminal(TerminalPort side) {
    queue.endWith(() -> side.endOfInput(queue.channel().lastByte()));
  }

  /** Whether its user writes it. */
  boolean isLive() {
    return from instanceof Stdin.Piped;
  }

  /** Subscribes to the source, if there is one; a live writer's port waits for its user. */
  void feed(Member member) {
    if (from instanceof Stdin.Published published) {
      queue
          .write(published.buffers())
          .subscribe(
              outcome -> queue.closeWhenWritten(),
              error -> {
                queue.abort();
                member.inputFailed(error);
              });
    } else if (from instanceof Stdin.Empty) {
      queue.closeWhenWritten();
    }
  }

  WriteQueue queue() {
    return queue;
  }
}
