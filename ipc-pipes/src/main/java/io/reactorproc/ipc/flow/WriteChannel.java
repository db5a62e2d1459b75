/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.IovArray;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes buffers to one descriptor as fast as its reader takes them, and holds the rest. Writes are
 * tried at once; after {@code EAGAIN} the channel waits for the edge of {@code EPOLLOUT}. Several
 * waiting buffers go out in one {@code writev}. A reader that goes away is noticed also while there
 * is nothing to write. On the loop, all of it.
 */
public final class WriteChannel extends LoopHandle {
  private static final int MOST_VECTORS = 64;
  private static final int PIECE_OF_A_HEAP_BUFFER = 64 * 1024;

  /** {@code struct iovec}s of one loop's thread, filled and used within one call. */
  private static final FastThreadLocal<IovArray> VECTORS =
      new FastThreadLocal<>() {
        @Override
        protected IovArray initialValue() {
          return new IovArray(MOST_VECTORS);
        }

        @Override
        protected void onRemoval(IovArray vectors) {
          vectors.release();
        }
      };

  /** The reader took that much in one go, which is half of a pipe of the usual size. */
  private static final int GULP = 32 * 1024;

  private static final int GULPS_OF_A_FAST_STREAM = 8;

  /** How soon a full terminal is tried again: it can make room without an event. */
  private static final long RETRY_MILLIS = 100;

  private final Kernel kernel;
  private final Medium medium;
  private final Listener listener;
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>(4);
  private long pending;
  private long written;
  private long lost;
  private long writtenWhenFull;
  private int gulps;
  private byte lastByte;
  private @Nullable ScheduledFuture<?> retry;
  private boolean full;

  /** Epoll reports when there is room. */
  private boolean armed;

  private boolean closing;
  private boolean flushing;
  private boolean done;

  /** Learns what became of the writes. On the loop. */
  public interface Listener {
    /** Something was handed to the kernel; {@link WriteChannel#pending()} is smaller now. */
    void onProgress();

    /** The descriptor is closed and what was pending is released. Not called after a cancel. */
    void onEnd(WriteEnd how, @Nullable Throwable error);
  }

  /**
   * A channel over a descriptor that it owns from now on and that is {@code O_NONBLOCK}.
   *
   * @param medium what it is known to be
   */
  public WriteChannel(
      Kernel kernel, IoEventLoop loop, Descriptor descriptor, Medium medium, Listener listener) {
    super(loop, descriptor);
    this.kernel = kernel;
    this.medium = medium;
    this.listener = listener;
  }

  /** The writing direction of a socket, whose other one shares the descriptor. */
  WriteChannel(Duplex duplex, Medium medium, Listener listener) {
    super(duplex);
    this.kernel = Kernel.system();
    this.medium = medium;
    this.listener = listener;
    duplex.bindWriter(this);
  }

  /** Starts watching. On the loop, once. */
  public void open() throws SystemCallException {
    register(QUIET);
  }

  /** Bytes accepted and not yet handed to the kernel. */
  public long pending() {
    return pending;
  }

  /** Bytes that were accepted and dropped, as the reader was gone or the writer gave up. */
  public long lost() {
    return lost;
  }

  /** Bytes handed to the kernel. */
  public long written() {
    return written;
  }

  /** The last byte that was accepted; 0 before there was one. */
  public byte lastByte() {
    return lastByte;
  }

  /** Another descriptor of the same file was written past this channel. */
  public void overtakenBy(byte written) {
    lastByte = written;
  }

  /** Whether the descriptor is closed. */
  public boolean isDone() {
    return done;
  }

  /**
   * Writes, or queues, a buffer that the channel owns from now on. After the end it is released.
   */
  public void write(ByteBuf buffer) {
    if (done || closing || !buffer.isReadable()) {
      buffer.release();
      return;
    }
    pending += buffer.readableBytes();
    lastByte = buffer.getByte(buffer.writerIndex() - 1);
    queue.add(buffer);
    flush();
  }

  /** Closes our end once all that is pending is written: the reader sees end of file. */
  public void closeWhenWritten() {
    closing = true;
    flush();
  }

  /** Closes at once, drops what is pending and tells nobody. */
  public void cancel() {
    finish();
  }

  @Override
  protected void onReady(int bits) {
    // A pipe says so by an error, a socket or terminal by a hang-up.
    if ((bits & (ERROR | HANG_UP)) != 0) {
      end(WriteEnd.READER_GONE, null);
      return;
    }
    if ((bits & WRITABLE) == 0) {
      return;
    }
    if (full) {
      full = false;
      flush();
    } else if (armed) {
      // A socket reports room at every read of its peer; nobody waits for it now.
      watch(false);
    }
  }

  private void watch(boolean arm) {
    armed = arm;
    try {
      // Submitting looks at the state of now, so room made since the EAGAIN is an event, too.
      submit(arm ? WATCH_WRITABLE : QUIET);
    } catch (SystemCallException e) {
      end(WriteEnd.FAILED, e);
    }
  }

  private void flush() {
    if (flushing || done) {
      return;
    }
    flushing = true;
    try {
      writeWhilePossible();
    } catch (RuntimeException | Error thrown) {
      // A buffer that somebody else released, or no memory: an end that is told.
      if (done) {
        throw thrown;
      }
      end(WriteEnd.FAILED, thrown);
    } finally {
      flushing = false;
    }
    if (closing && !done && queue.isEmpty()) {
      end(WriteEnd.COMPLETED, null);
    }
  }

  private void writeWhilePossible() {
    while (!done && !full && !queue.isEmpty()) {
      long count;
      try {
        count = writeSome();
      } catch (IOException e) {
        SystemCallException failure = IoErrors.of("write", e, "write a stream");
        if (medium.isReaderGone(failure)) {
          end(WriteEnd.READER_GONE, null);
        } else {
          end(WriteEnd.FAILED, failure);
        }
        return;
      }
      if (count == 0) {
        waitForRoom();
      } else {
        consume(count);
        listener.onProgress();
      }
    }
  }

  private void waitForRoom() {
    full = true;
    if (written - writtenWhenFull >= GULP && ++gulps == GULPS_OF_A_FAST_STREAM) {
      medium.grow(kernel, descriptor.number());
    }
    writtenWhenFull = written;
    if (!armed) {
      watch(true);
    }
    if (medium == Medium.TERMINAL && retry == null && !done) {
      // The kernel wakes writers when somebody reads, not when the input is dropped: tcflush(3), or
      // a key that interrupts. A reader that then waits for input would wait for us, and we for it.
      retry = loop.schedule(this::tryAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void tryAgain() {
    retry = null;
    full = false;
    flush();
  }

  private long writeSome() throws IOException {
    ByteBuf head = queue.element();
    if (head instanceof Parcel parcel && medium.isSocket() && !parcel.isSent()) {
      return parcel.send(descriptor.number());
    }
    boolean message = medium == Medium.MESSAGE_SOCKET;
    if (!head.hasMemoryAddress() && !isOneDirect(head)) {
      return writePiece(head, message ? Integer.MAX_VALUE : PIECE_OF_A_HEAP_BUFFER);
    }
    if (queue.size() == 1 || !head.hasMemoryAddress() || message) {
      return writeDirect(head);
    }
    IovArray vectors = VECTORS.get();
    vectors.clear();
    for (ByteBuf buffer : queue) {
      if (!buffer.hasMemoryAddress()
          || (buffer instanceof Parcel parcel && !parcel.isSent())
          || vectors.isFull()
          || !vectors.add(buffer, buffer.readerIndex(), buffer.readableBytes())) {
        break;
      }
    }
    return fd.writevAddresses(vectors.memoryAddress(0), vectors.count());
  }

  private static boolean isOneDirect(ByteBuf buffer) {
    return buffer.isDirect() && buffer.nioBufferCount() == 1;
  }

  private int writeDirect(ByteBuf direct) throws IOException {
    if (direct.hasMemoryAddress()) {
      return fd.writeAddress(direct.memoryAddress(), direct.readerIndex(), direct.writerIndex());
    }
    // Where Netty is denied Unsafe, its direct buffers tell no address.
    ByteBuffer view = direct.nioBuffer();
    return fd.write(view, view.position(), view.limit());
  }

  /** A buffer on the heap, or of several components, goes through direct memory piece by piece. */
  private long writePiece(ByteBuf heap, int most) throws IOException {
    int size = Math.min(heap.readableBytes(), most);
    ByteBuf direct = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
    try {
      direct.writeBytes(heap, heap.readerIndex(), size);
      return writeDirect(direct);
    } finally {
      direct.release();
    }
  }

  private void consume(long count) {
    pending -= count;
    written += count;
    long left = count;
    while (left > 0) {
      ByteBuf head = queue.element();
      int readable = head.readableBytes();
      if (readable > left) {
        head.skipBytes((int) left);
        return;
      }
      left -= readable;
      queue.remove();
      head.release();
    }
  }

  private void end(WriteEnd how, @Nullable Throwable error) {
    if (finish()) {
      listener.onEnd(how, error);
    }
  }

  private boolean finish() {
    if (done) {
      return false;
    }
    done = true;
    if (retry != null) {
      retry.cancel(false);
    }
    leave();
    queue.forEach(ReferenceCountUtil::safeRelease);
    queue.clear();
    lost = pending;
    pending = 0;
    return true;
  }

  /** Ends the writing with this error, as if the descriptor had failed. On the loop. */
  void fail(Throwable error) {
    end(WriteEnd.FAILED, error);
  }

  /** Netty closes the loop. */
  @Override
  public void close() {
    end(WriteEnd.FAILED, new IOException("the event loop was shut down"));
  }
}
