/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoOps;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Moves all that one pipe gets into another with {@code splice(2)}, and shows it to a {@link
 * TapPipe} on the way. The bytes stay in the kernel. On the loop, all of it.
 *
 * <p>Edge-triggered: that the source is readable and that the sink is full are remembered. {@code
 * EAGAIN} alone does not say which of two pipes it means, so each move begins with the number of
 * bytes that are there: after that it can only be the other one.
 *
 * <p>At the source's end of file the sink is closed, and when the sink's reader is gone the source
 * is, so that its writer gets SIGPIPE as it would from a reader of its own.
 */
public final class PipeRelay {
  /** Then other descriptors of the loop have their turn. */
  private static final int MOVES_PER_TURN = 16;

  private static final int DEFAULT_CAPACITY = 64 * 1024;
  private static final int CAPACITY_OF_A_FAST_PIPE = 512 * 1024;
  private static final int FULL_MOVES_OF_A_FAST_STREAM = 8;
  private static final String PURPOSE = "move bytes between two pipes";

  private final Kernel kernel;
  private final Source source;
  private final Sink sink;
  private final @Nullable TapPipe tap;
  private final Listener listener;

  /** Bytes moved. The loop writes, any thread reads. */
  private final AtomicLong passed = new AtomicLong();

  private boolean mayGrow;
  private int fullMoves;
  private boolean readable;
  private boolean full;

  /** The observer has no room, and what flows waits for it. */
  private boolean held;

  private boolean pumping;
  private boolean done;

  /** Learns how it ended. On the loop. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Both descriptors are closed. Not called after a cancel.
     *
     * @param how {@link WriteEnd#COMPLETED} at end of file, {@link WriteEnd#READER_GONE} or {@link
     *     WriteEnd#FAILED}
     * @param error the reason of a failure, else null
     */
    void onEnd(WriteEnd how, @Nullable Throwable error);
  }

  /**
   * A relay that owns both descriptors, and the tap's, from now on.
   *
   * @param from the reading end of the one pipe
   * @param to the writing end of the other
   * @param tap what looks on; null for nobody
   * @param mayGrow whether the pipes are enlarged once the stream proves fast
   */
  public PipeRelay(
      Kernel kernel,
      IoEventLoop loop,
      Descriptor from,
      Descriptor to,
      @Nullable TapPipe tap,
      boolean mayGrow,
      Listener listener) {
    this.kernel = kernel;
    this.source = new Source(loop, from);
    this.sink = new Sink(loop, to);
    this.tap = tap;
    this.mayGrow = mayGrow;
    this.listener = listener;
  }

  /**
   * Starts watching and moving. On the loop, once.
   *
   * @throws SystemCallException {@code EINVAL} if one of the two is no pipe, or what {@code
   *     epoll_ctl} refused; everything is closed then
   */
  public void open() throws SystemCallException {
    try {
      requirePipe(source);
      requirePipe(sink);
      if (tap != null) {
        tap.open(this::pump);
      }
      sink.open();
      source.open();
    } catch (SystemCallException refused) {
      finish(refused);
      throw refused;
    }
  }

  private void requirePipe(Side side) throws SystemCallException {
    int capacity = kernel.pipeCapacity(side.number());
    if (capacity < 0) {
      throw new SystemCallException("fcntl(F_GETPIPE_SZ)", Errno.EINVAL.intValue(), PURPOSE);
    }
  }

  /** Bytes that were moved so far. Any thread. */
  public long passed() {
    return passed.get();
  }

  /** Whether both descriptors are closed. On the loop. */
  public boolean isDone() {
    return done;
  }

  /** Closes both descriptors at once, and ends the tap. On the loop; repeating does nothing. */
  public void cancel() {
    finish(null);
  }

  private void pump() {
    if (pumping || done) {
      return;
    }
    pumping = true;
    try {
      moveWhilePossible();
    } finally {
      pumping = false;
    }
  }

  private void moveWhilePossible() {
    for (int moves = 0; readable && !full && !done; moves++) {
      if (moves == MOVES_PER_TURN) {
        // Through epoll, not as a task: Netty runs tasks for up to a second before it polls again.
        source.setArmed(true);
        return;
      }
      int there = kernel.available(source.number());
      if (there < 0) {
        fail("ioctl(FIONREAD)", there);
        return;
      }
      if (there == 0) {
        source.emptied();
        return;
      }
      int most = tap == null ? there : tap.copy(source.number(), there);
      held = most == 0;
      if (held) {
        return; // until the observer has read
      }
      move(most);
    }
  }

  private void move(int most) {
    if (done) {
      return; // by the subscriber of a tap that failed
    }
    int moved = kernel.splice(source.number(), sink.number(), most);
    if (moved > 0) {
      passed.lazySet(passed.get() + moved);
      if (tap != null) {
        tap.moved(moved);
      }
      grow(moved);
    } else if (moved == 0) {
      end(WriteEnd.COMPLETED, null);
    } else if (moved == -Errno.EAGAIN.intValue()) {
      full = true;
      sink.awaitRoom();
    } else if (moved == -Errno.EPIPE.intValue()) {
      end(WriteEnd.READER_GONE, null);
    } else {
      fail("splice", moved);
    }
  }

  /** Enlarges the pipes of a fast stream, once; a refusal is silent. */
  private void grow(int moved) {
    if (mayGrow && moved >= DEFAULT_CAPACITY && ++fullMoves == FULL_MOVES_OF_A_FAST_STREAM) {
      mayGrow = false;
      kernel.setPipeCapacity(source.number(), CAPACITY_OF_A_FAST_PIPE);
      kernel.setPipeCapacity(sink.number(), CAPACITY_OF_A_FAST_PIPE);
      if (tap != null) {
        tap.grow(CAPACITY_OF_A_FAST_PIPE);
      }
    }
  }

  private void fail(String call, int negativeErrno) {
    end(WriteEnd.FAILED, new SystemCallException(call, -negativeErrno, PURPOSE));
  }

  private void end(WriteEnd how, @Nullable Throwable error) {
    if (finish(error)) {
      listener.onEnd(how, error);
    }
  }

  private boolean finish(@Nullable Throwable error) {
    if (done) {
      return false;
    }
    done = true;
    source.leave();
    sink.leave();
    if (tap != null) {
      tap.flowEnded(error);
    }
    return true;
  }

  /** One of the two descriptors in epoll. */
  private abstract class Side extends LoopHandle {
    Side(IoEventLoop loop, Descriptor descriptor) {
      super(loop, descriptor);
    }

    int number() {
      return descriptor.number();
    }

    final void watch(EpollIoOps interest) {
      try {
        submit(interest);
      } catch (SystemCallException e) {
        end(WriteEnd.FAILED, e);
      }
    }

    /** Netty closes the loop. */
    @Override
    public void close() {
      end(WriteEnd.FAILED, new IOException("the event loop was shut down"));
    }
  }

  /** Where bytes come from. */
  private final class Source extends Side {
    private boolean armed;

    /** A writer hung up. Not for ever: another process may open a FIFO anew. */
    private boolean hungUp;

    /** {@link #hungUp} is what epoll has just said. */
    private boolean hungUpNow;

    Source(IoEventLoop loop, Descriptor descriptor) {
      super(loop, descriptor);
    }

    void open() throws SystemCallException {
      armed = true;
      register(WATCH_READABLE);
    }

    void setArmed(boolean arm) {
      armed = arm;
      watch(arm ? WATCH_READABLE : WATCH_HANG_UP);
    }

    @Override
    protected void onReady(int bits) {
      hungUpNow = (bits & HANG_UP) != 0;
      hungUp |= hungUpNow;
      if (readable && armed && (full || held)) {
        // The second wake-up that is of no use: further writes need not wake us.
        setArmed(false);
      }
      readable = true;
      pump();
      hungUpNow = false;
    }

    /** Everything was moved: waits for more, or it is over. */
    void emptied() {
      if (hungUpNow) {
        end(WriteEnd.COMPLETED, null);
        return;
      }
      readable = false;
      if (hungUp || !armed) {
        // After a hang-up there is no edge, and while disarmed none was told: asks for the state.
        hungUp = false;
        setArmed(true);
      }
    }
  }

  /** Where bytes go. */
  private final class Sink extends Side {
    Sink(IoEventLoop loop, Descriptor descriptor) {
      super(loop, descriptor);
    }

    void open() throws SystemCallException {
      register(QUIET);
    }

    void awaitRoom() {
      // Submitting looks at the state of now, so room made since the EAGAIN is an event, too.
      watch(WATCH_WRITABLE);
    }

    @Override
    protected void onReady(int bits) {
      if ((bits & (ERROR | HANG_UP)) != 0) {
        end(WriteEnd.READER_GONE, null);
      } else if ((bits & WRITABLE) != 0) {
        full = false;
        pump();
      }
    }
  }
}
