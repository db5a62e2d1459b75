/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.PipeEnds;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * A pipe of our own that gets, by {@code tee(2)}, what flows through a {@link PipeRelay}, and its
 * observer. Its capacity bounds what waits for the observer; the pages are shared with what flows.
 *
 * <p>After a gap nothing is copied before the observer has read all that came before the gap. So
 * there is one gap at a time, no chunk lies across it, and the pieces between gaps are as long as
 * the pipe.
 */
public final class TapPipe implements ByteReceiver, ReadControl {
  private final Kernel kernel;
  private final IoEventLoop loop;
  private final TapMode mode;
  private final Descriptor writeEnd;
  private final ReadChannel channel;
  private final ChannelFlux stream;
  private final boolean mayGrow;

  /** Bytes that the observer was given. The loop writes, any thread reads. */
  private final AtomicLong seen = new AtomicLong();

  /** Bytes that flowed by unseen while there was an observer. The loop writes, any thread reads. */
  private final AtomicLong missed = new AtomicLong();

  /** Lets the relay go on; set while it is open. */
  private @Nullable Runnable onRoom;

  /** Bytes put into the pipe. */
  private long copied;

  /** Bytes at the head of the source that were copied and are not moved yet. */
  private int ahead;

  /** Bytes are passing unseen. */
  private boolean skipping;

  /** The length of the gap that is growing, and of the one before what is in the pipe. */
  private long gap;

  private long gapBeforePipe;
  private long gapBeforeChunk;
  private long chunkOffset;
  private long nextOffset;

  /** Nothing is copied any more. */
  private boolean over;

  private @Nullable Throwable failure;

  private TapPipe(
      Kernel kernel,
      IoEventLoop loop,
      TapMode mode,
      Descriptor readEnd,
      Descriptor writeEnd,
      boolean mayGrow) {
    this.kernel = kernel;
    this.loop = loop;
    this.mode = mode;
    this.writeEnd = writeEnd;
    this.mayGrow = mayGrow;
    this.channel = new ReadChannel(kernel, loop, readEnd, Medium.PIPE_OF_FIXED_SIZE, this);
    this.stream = new ChannelFlux(loop);
    stream.bind(this);
  }

  /**
   * Makes the pipe.
   *
   * @param capacity in bytes, rounded up by the kernel and refused silently beyond the user's
   *     quota; 0 for the kernel's default, enlarged with a fast stream
   * @throws SystemCallException such as {@code EMFILE}; nothing is left open then
   */
  public static TapPipe make(Kernel kernel, IoEventLoop loop, TapMode mode, int capacity)
      throws SystemCallException {
    long ends = kernel.pipe("make the pipe of a tap");
    Descriptor readEnd = Descriptor.own(kernel, PipeEnds.readEnd(ends));
    Descriptor writeEnd = Descriptor.own(kernel, PipeEnds.writeEnd(ends));
    try {
      kernel.setNonBlocking(readEnd.number(), "read a tap by demand");
    } catch (SystemCallException e) {
      readEnd.close();
      writeEnd.close();
      throw e;
    }
    if (capacity > 0) {
      kernel.setPipeCapacity(writeEnd.number(), capacity);
    }
    return new TapPipe(kernel, loop, mode, readEnd, writeEnd, capacity == 0);
  }

  /** What the observer subscribes to. Any thread. */
  public ChannelFlux stream() {
    return stream;
  }

  /** Bytes that the observer was given. Any thread. */
  public long seen() {
    return seen.get();
  }

  /** Bytes that flowed by unseen while there was an observer. Any thread. */
  public long missed() {
    return missed.get();
  }

  /** Where the chunk that is being delivered begins in what flowed. On the loop. */
  public long chunkOffset() {
    return chunkOffset;
  }

  /**
   * How many bytes directly before the chunk that is being delivered passed unseen. On the loop.
   */
  public long gapBeforeChunk() {
    return gapBeforeChunk;
  }

  void open(Runnable room) throws SystemCallException {
    channel.open();
    onRoom = room;
  }

  void grow(int capacity) {
    if (mayGrow && !over) {
      kernel.setPipeCapacity(writeEnd.number(), capacity);
    }
  }

  /**
   * Copies what is at the head of the source, which holds {@code there} bytes, unless that was
   * done.
   *
   * @return how much may be moved on now; 0 to wait for the observer
   */
  int copy(int source, int there) {
    if (ahead > 0) {
      return ahead;
    }
    if (over || (skipping && copied != seen.get())) {
      return there;
    }
    int count = kernel.tee(source, writeEnd.number(), there);
    if (count > 0) {
      resume();
      copied += count;
      ahead = count;
      return count;
    }
    if (count == -Errno.EAGAIN.intValue()) {
      skipping = mode == TapMode.LOSSY;
      return skipping ? there : 0;
    }
    if (count < 0) {
      failure = new SystemCallException("tee", -count, "copy bytes for an observer");
      stop();
    }
    return there;
  }

  private void resume() {
    if (skipping) {
      skipping = false;
      gapBeforePipe = gap;
      gap = 0;
    }
  }

  /** Some of what {@link #copy} allowed was moved on. */
  void moved(int count) {
    if (ahead > 0) {
      ahead -= count;
    } else if (!over) {
      gap += count;
      missed.lazySet(missed.get() + count);
    }
  }

  /** Nothing flows any more: the observer gets what is in the pipe, and then the end. */
  void flowEnded(@Nullable Throwable error) {
    if (over) {
      return;
    }
    failure = error;
    boolean opened = onRoom != null;
    stop();
    if (!opened) {
      channel.cancel();
      onEnd(StreamEnd.CANCELLED, null);
    }
  }

  /**
   * Nobody will subscribe: closes the pipe, and what flows goes on. Does nothing where somebody
   * has. On the loop.
   */
  public void ignore() {
    if (!stream.isTaken()) {
      channel.cancel();
      onEnd(StreamEnd.CANCELLED, null);
    }
  }

  /** Nothing is copied any more; what is in the pipe can still be read. */
  private void stop() {
    over = true;
    onRoom = null;
    writeEnd.close();
  }

  private void proceed() {
    Runnable room = onRoom;
    if (room != null && mode == TapMode.EXACT) {
      room.run();
    }
  }

  @Override
  public void request(long n) {
    channel.request(n);
  }

  /** The observer looks no more: what flows goes on without it. Any thread. */
  @Override
  public void cancel() {
    channel.cancel();
    if (loop.inEventLoop()) {
      unobserved();
      return;
    }
    try {
      loop.execute(this::unobserved);
    } catch (RejectedExecutionException shutDown) {
      writeEnd.close();
    }
  }

  private void unobserved() {
    Runnable room = onRoom;
    stop();
    if (room != null) {
      room.run();
    }
  }

  @Override
  public void onBytes(ByteBuf chunk) {
    int size = chunk.readableBytes();
    gapBeforeChunk = gapBeforePipe;
    gapBeforePipe = 0;
    chunkOffset = nextOffset + gapBeforeChunk;
    nextOffset = chunkOffset + size;
    seen.lazySet(seen.get() + size);
    stream.onBytes(chunk);
    proceed();
  }

  @Override
  public void onEnd(StreamEnd how, @Nullable Throwable error) {
    Throwable reason = failure == null ? error : failure;
    unobserved();
    stream.onEnd(reason == null ? how : StreamEnd.FAILED, reason);
  }
}
