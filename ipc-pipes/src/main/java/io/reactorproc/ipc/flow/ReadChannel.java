/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;

/**
 * Reads one descriptor by demand. No demand, no read: the kernel's pipe fills and its writer
 * blocks.
 *
 * <p>Edge-triggered: the channel remembers that the descriptor is readable and reads when demand
 * comes, without asking epoll. A short read of a pipe means that it was empty, and whatever comes
 * later is a new edge, so the read that would only say {@code EAGAIN} is saved. After a hang-up
 * there is no later edge, and terminals and sockets may answer with less than they hold: there the
 * channel reads on to {@code EAGAIN} or the end of file.
 */
public final class ReadChannel extends LoopHandle implements ReadControl, Runnable {
  /** Then other descriptors of the loop have their turn: 16 reads, 1 MiB at most. */
  private static final int READS_PER_TURN = 16;

  private final Kernel kernel;
  private final ByteReceiver receiver;
  private final ReadSizing sizing = new ReadSizing();
  private final FlowMeter meter = new FlowMeter();
  private final Medium medium;

  /** Demand that is not yet served. Any thread adds, the loop takes. */
  private final AtomicLong demand = new AtomicLong();

  /** 1 while a run on the loop is due. Any thread sets, the loop clears. */
  private final AtomicInteger scheduled = new AtomicInteger();

  private boolean armed;
  private boolean readable;

  /** A writer hung up. Not for ever: another process may open a FIFO anew. */
  private boolean hungUp;

  /** {@link #hungUp} is what epoll has just said. */
  private boolean hungUpNow;

  private boolean pipe;
  private boolean draining;
  private boolean done;

  private boolean writerGone;
  private boolean drainedSaid;
  private long graceNanos;
  private long chunksAtGraceStart;
  private @Nullable ScheduledFuture<?> grace;

  /**
   * A channel over a descriptor that it owns from now on and that is {@code O_NONBLOCK}.
   *
   * @param medium what it is known to be
   */
  public ReadChannel(
      Kernel kernel,
      IoEventLoop loop,
      Descriptor descriptor,
      Medium medium,
      ByteReceiver receiver) {
    super(loop, descriptor);
    this.kernel = kernel;
    this.medium = medium;
    this.receiver = receiver;
  }

  /** Starts watching. On the loop, once; demand may be there already. */
  public void open() throws SystemCallException {
    pipe =
        switch (medium) {
          case PIPE, PIPE_OF_FIXED_SIZE -> true;
          case TERMINAL -> false;
          case ANY -> kernel.pipeCapacity(descriptor.number()) >= 0;
        };
    armed = demand.get() > 0;
    register(interest());
  }

  /** Counters of this channel; on the loop, or after the end. */
  public FlowMeter meter() {
    return meter;
  }

  /** Whether this channel has ended. On the loop. */
  public boolean isDone() {
    return done;
  }

  /** Whether nobody asks for the bytes that are there or will be. On the loop. */
  public boolean lacksDemand() {
    return demand.get() == 0;
  }

  @Override
  public void request(long n) {
    for (; ; ) {
      long before = demand.get();
      if (before == Long.MAX_VALUE) {
        break;
      }
      if (demand.compareAndSet(before, Operators.addCap(before, n))) {
        break;
      }
    }
    if (loop.inEventLoop()) {
      drain();
    } else {
      schedule();
    }
  }

  @Override
  public void cancel() {
    onLoop(this::finish);
  }

  /**
   * Says that the process that wrote here is gone. What is in the pipe is still delivered by
   * demand; when the pipe has been empty for the grace time and is still open, the channel gives it
   * up. Time in which data waits for demand does not count. On the loop.
   */
  public void writerExited(long grace) {
    if (done || writerGone) {
      return;
    }
    writerGone = true;
    graceNanos = grace;
    // Whatever was written before the exit is in the pipe by now, perhaps without its event.
    readable = true;
    drain();
  }

  @Override
  public void run() {
    scheduled.set(0);
    drain();
  }

  private void schedule() {
    if (scheduled.compareAndSet(0, 1)) {
      onLoop(this);
    }
  }

  @Override
  protected void onReady(int bits) {
    // With an error behind the hang-up, it is for a read to say which: not an end of file.
    hungUpNow = (bits & (HANG_UP | PEER_HANG_UP)) != 0 && (bits & ERROR) == 0;
    hungUp |= hungUpNow;
    if (readable && armed && demand.get() == 0) {
      // The second wake-up in a row that nobody can use: do not be woken by further writes.
      setArmed(false);
    }
    readable = true;
    drain();
    hungUpNow = false;
  }

  private void drain() {
    if (draining || done) {
      return;
    }
    draining = true;
    try {
      readWhileWanted();
      if (!done) {
        settle();
      }
    } catch (RuntimeException | Error thrown) {
      // No memory for a buffer, or a receiver that threw: an end that is told, not a silent stop.
      if (done) {
        throw thrown;
      }
      end(StreamEnd.FAILED, thrown);
    } finally {
      draining = false;
    }
  }

  private void readWhileWanted() {
    for (int reads = 0; readable && !done && demand.get() > 0; reads++) {
      if (reads == READS_PER_TURN) {
        // Through epoll, not as a task: Netty runs tasks for up to a second before it polls again.
        setArmed(true);
        return;
      }
      readOnce();
    }
  }

  private void readOnce() {
    int size = sizing.next();
    ByteBuf chunk = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
    int read;
    try {
      read = read(chunk, size);
    } catch (IOException e) {
      chunk.release();
      SystemCallException failure = IoErrors.of("read", e, "read a stream");
      if (medium.isEndOfFile(failure)) {
        end(StreamEnd.END_OF_FILE, null);
      } else {
        end(StreamEnd.FAILED, failure);
      }
      return;
    }
    if (read <= 0) {
      chunk.release();
      if (read < 0) {
        end(StreamEnd.END_OF_FILE, null);
      } else {
        readable = false;
        hungUp = false;
      }
      return;
    }
    if (read < size && pipe && !hungUp) {
      readable = false;
    }
    if (sizing.learn(read)) {
      medium.grow(kernel, descriptor.number());
    }
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    meter.count(read);
    receiver.onBytes(chunk.writerIndex(read));
  }

  private int read(ByteBuf chunk, int size) throws IOException {
    if (chunk.hasMemoryAddress()) {
      return fd.readAddress(chunk.memoryAddress(), 0, size);
    }
    // Where Netty is denied Unsafe, its direct buffers tell no address.
    ByteBuffer direct = chunk.internalNioBuffer(0, size);
    return fd.read(direct, direct.position(), direct.limit());
  }

  /** Decides what to wait for, once there is nothing more to read or nobody who wants it. */
  private void settle() {
    boolean wanted = demand.get() > 0;
    if (!wanted && hungUp && isEmpty()) {
      endWithoutDemand();
      return;
    }
    if (wanted && !readable && !armed) {
      setArmed(true);
    }
    meter.enter(
        readable
            ? wanted ? FlowMeter.State.MOVING : FlowMeter.State.WRITER_WAITS
            : wanted ? FlowMeter.State.READER_WAITS : FlowMeter.State.MOVING);
    if (writerGone && !done && (!readable || (!wanted && isEmpty()))) {
      waitForStragglers();
    }
  }

  /** A subscriber that got all it asked for learns of the end of file, which is no element. */
  private void endWithoutDemand() {
    if (hungUpNow) {
      end(StreamEnd.END_OF_FILE, null);
    } else {
      // What was said before the last bytes were read may be past: a FIFO can have a new writer.
      hungUp = false;
      readable = false;
      setArmed(armed);
    }
  }

  private boolean isEmpty() {
    return medium.isEmpty(kernel, descriptor.number());
  }

  private void setArmed(boolean arm) {
    armed = arm;
    try {
      submit(interest());
    } catch (SystemCallException e) {
      end(StreamEnd.FAILED, e);
    }
  }

  private EpollIoOps interest() {
    return armed ? WATCH_READABLE : WATCH_HANG_UP;
  }

  private void waitForStragglers() {
    if (!drainedSaid) {
      drainedSaid = true;
      receiver.onDrained();
    }
    if (grace == null && !done) {
      chunksAtGraceStart = meter.chunks();
      grace = loop.schedule(this::graceOver, graceNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void graceOver() {
    grace = null;
    if (done) {
      return;
    }
    if (!isEmpty()) {
      // Data waits for demand; the grace starts anew when somebody has taken it.
      return;
    }
    if (meter.chunks() != chunksAtGraceStart) {
      waitForStragglers();
      return;
    }
    done = true;
    meter.enter(FlowMeter.State.MOVING);
    receiver.onAbandoned(leaveOpen());
  }

  private void end(StreamEnd how, @Nullable Throwable error) {
    if (finish()) {
      receiver.onEnd(how, error);
    }
  }

  private boolean finish() {
    if (done) {
      return false;
    }
    done = true;
    meter.enter(FlowMeter.State.MOVING);
    if (grace != null) {
      grace.cancel(false);
      grace = null;
    }
    leave();
    return true;
  }

  /** Netty closes the loop. */
  @Override
  public void close() {
    end(StreamEnd.FAILED, new IOException("the event loop was shut down"));
  }
}
