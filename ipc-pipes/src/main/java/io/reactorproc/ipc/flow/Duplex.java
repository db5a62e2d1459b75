/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoOps;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connected socket under its two directions: one entry in epoll for both, made when the first
 * of them wants to be woken. Each direction is shut down when it is over, and with the second one
 * the descriptor is closed. On the loop, all of it.
 *
 * <p>A copy of the descriptor for one direction would do, too, and costs each connection a second
 * number of the process' limit and a second entry in epoll that every event walks through.
 */
public final class Duplex extends LoopHandle {
  /** Netty's {@code with} adds nothing to what shares a bit already, so it is one bit at a time. */
  private static final EpollIoOps HANG_UP_OR_WRITABLE = WATCH_HANG_UP.with(EpollIoOps.EPOLLOUT);

  private static final EpollIoOps READABLE_OR_WRITABLE = WATCH_READABLE.with(EpollIoOps.EPOLLOUT);
  private static final int OF_READER = READABLE | PEER_HANG_UP | HANG_UP | ERROR;
  private static final int OF_WRITER = WRITABLE | HANG_UP | ERROR;

  private final Sockets sockets;
  private @Nullable ReadChannel reader;
  private @Nullable WriteChannel writer;
  private EpollIoOps readInterest = QUIET;
  private EpollIoOps writeInterest = QUIET;
  private boolean registered;
  private boolean readOver;
  private boolean writeOver;
  private @Nullable Runnable onClosed;

  /** Both directions of a connected socket, which it owns from now on and that never blocks. */
  public Duplex(Sockets sockets, IoEventLoop loop, Descriptor descriptor) {
    super(loop, descriptor);
    this.sockets = sockets;
  }

  /** The loop that both directions live on. Any thread. */
  public IoEventLoop loop() {
    return loop;
  }

  /** The socket, closed once both directions are over. */
  public Descriptor descriptor() {
    return descriptor;
  }

  /** Runs once the descriptor is closed; set before anything else happens. */
  public void whenClosed(Runnable action) {
    onClosed = action;
  }

  void bindReader(ReadChannel bound) {
    reader = bound;
  }

  void bindWriter(WriteChannel bound) {
    writer = bound;
  }

  /** Changes what one direction waits for. */
  void watch(LoopHandle direction, EpollIoOps interest) throws SystemCallException {
    if (isClosed()) {
      return;
    }
    if (direction == reader) {
      readInterest = interest;
    } else {
      writeInterest = interest;
    }
    if (registered) {
      submit(together());
    } else {
      registered = true;
      register(together());
    }
  }

  private EpollIoOps together() {
    if (!writeInterest.contains(EpollIoOps.EPOLLOUT)) {
      return readInterest;
    }
    if (readInterest.contains(EpollIoOps.EPOLLIN)) {
      return READABLE_OR_WRITABLE;
    }
    return readInterest.contains(EpollIoOps.EPOLLRDHUP) ? HANG_UP_OR_WRITABLE : WATCH_WRITABLE;
  }

  /** One direction is over. */
  void leave(LoopHandle direction) {
    if (isClosed()) {
      return;
    }
    boolean reading = direction == reader;
    readOver |= reading;
    writeOver |= !reading;
    if (isClosed()) {
      leave();
      Runnable action = onClosed;
      if (action != null) {
        action.run();
      }
    } else {
      // The peer learns of it: it reads end of file, or is refused what it writes.
      sockets.shutdown(descriptor.number(), reading ? Sockets.SHUT_READ : Sockets.SHUT_WRITE);
      if (reading && !registered) {
        watchForHangUp();
      }
    }
  }

  /** Nobody will read, and nobody has written yet: the peer's end must be noticed all the same. */
  private void watchForHangUp() {
    registered = true;
    try {
      register(QUIET);
    } catch (SystemCallException e) {
      Objects.requireNonNull(writer).fail(e);
    }
  }

  /** Whether both directions are over and the descriptor closed. */
  public boolean isClosed() {
    return readOver && writeOver;
  }

  @Override
  protected void onReady(int bits) {
    // What was sent before a hang-up is read before the writer learns of it.
    if (!readOver && (bits & OF_READER) != 0) {
      Objects.requireNonNull(reader).onReady(bits);
    }
    if (!writeOver && (bits & OF_WRITER) != 0) {
      Objects.requireNonNull(writer).onReady(bits);
    }
  }

  /** Netty closes the loop. */
  @Override
  public void close() {
    Objects.requireNonNull(reader).close();
    Objects.requireNonNull(writer).close();
  }
}
