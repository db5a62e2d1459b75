/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.Medium;
import io.reactorproc.ipc.flow.ReadChannel;
import io.reactorproc.ipc.flow.StreamEnd;
import io.reactorproc.ipc.flow.WriteChannel;
import io.reactorproc.ipc.flow.WriteEnd;
import io.reactorproc.ipc.frame.Framing;
import io.reactorproc.ipc.frame.LengthField;
import io.reactorproc.ipc.sys.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The program of {@link SteadyStateTest}: reads, writes, then cuts frames, and tells how much its
 * thread allocated for each. In a JVM of its own, as leak detection allocates.
 *
 * <p>It counts by windows and tells the least: before the compiler is done with the code, which may
 * take long on a busy machine, objects that it will leave out are made; code that has to allocate
 * does so in each window.
 */
final class SteadyState {
  private static final int WINDOW = 20_000;
  private static final int WINDOWS = 10;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private SteadyState() {}

  public static void main(String[] args) throws Exception {
    try (OneLoop loop = new OneLoop()) {
      System.out.println("per read: " + reads(loop));
      System.out.println("per write: " + writes(loop));
    }
    System.out.println("per long frame: " + frames(50_000));
    System.out.println("per short frame: " + frames(50));
  }

  /** A chunk for each frame, and as many bytes of garbage whatever its length. */
  private static double frames(int length) {
    Framing framing = Framing.lengthPrefixed(LengthField.U32);
    ByteBuf chunk = framing.encode(Unpooled.directBuffer(length).writeZero(length));
    ByteBuf flat = Unpooled.directBuffer(length + 4).writeBytes(chunk);
    chunk.release();
    long[] least = {Long.MAX_VALUE, 0, 0}; // of a window, at its begin, frames
    framing
        .decode(Flux.range(0, WINDOW * WINDOWS).map(i -> flat.setIndex(0, length + 4).retain()))
        .subscribe(
            frame -> {
              frame.release();
              if (++least[2] % WINDOW == 0) {
                long now = THREADS.getCurrentThreadAllocatedBytes();
                least[0] = Math.min(least[0], now - least[1]);
                least[1] = now;
              }
            });
    flat.release();
    return (double) least[0] / WINDOW;
  }

  /** Each chunk answers the one before: a read, and a wake-up by epoll, for each. */
  private static double reads(OneLoop loop) throws Exception {
    Pipe pipe = Pipe.open();
    Ends.raw(pipe.readEnd());
    Ends.raw(pipe.writeEnd());
    PingPong receiver = new PingPong(pipe);
    ReadChannel channel =
        new ReadChannel(Kernel.system(), loop.loop(), pipe.readEnd(), Medium.PIPE, receiver);
    loop.run(
        () -> {
          channel.request(Long.MAX_VALUE);
          channel.open();
          receiver.ping();
          return 0;
        });
    while (!receiver.done) {
      Thread.onSpinWait();
    }
    loop.run(
        () -> {
          channel.cancel();
          return 0;
        });
    pipe.close();
    return (double) receiver.least / WINDOW;
  }

  private static double writes(OneLoop loop) throws Exception {
    Pipe pipe = Pipe.open();
    RawEnd reader = Ends.raw(pipe.readEnd());
    Ends.raw(pipe.writeEnd());
    FileDescriptor fd = new FileDescriptor(pipe.readEnd().number());
    WriteChannel channel =
        new WriteChannel(Kernel.system(), loop.loop(), pipe.writeEnd(), Medium.PIPE, new Nothing());
    long least =
        loop.run(
            () -> {
              channel.open();
              ByteBuf content = Unpooled.directBuffer(100).writeZero(100);
              ByteBuffer sink = ByteBuffer.allocateDirect(4096);
              long fewest = Long.MAX_VALUE;
              for (int window = 0; window < WINDOWS; window++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < WINDOW; i++) {
                  channel.write(content.setIndex(0, 100).retain());
                  fd.read(sink, 0, 4096);
                }
                fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
              }
              channel.cancel();
              content.release();
              return fewest;
            });
    reader.close();
    return (double) least / WINDOW;
  }

  private static final class PingPong implements ByteReceiver {
    private final FileDescriptor out;
    private final ByteBuffer message = ByteBuffer.allocateDirect(300);
    private int received;
    private long before;
    long least = Long.MAX_VALUE;
    volatile boolean done;

    PingPong(Pipe pipe) {
      out = new FileDescriptor(pipe.writeEnd().number());
    }

    void ping() {
      try {
        out.write(message, 0, 300);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onBytes(ByteBuf chunk) {
      chunk.release();
      if (++received % WINDOW == 0) {
        long now = THREADS.getCurrentThreadAllocatedBytes();
        least = Math.min(least, now - before);
        before = now;
      }
      if (received == WINDOW * WINDOWS) {
        done = true;
        return;
      }
      ping();
    }

    @Override
    public void onEnd(StreamEnd how, @Nullable Throwable error) {
      throw new IllegalStateException(how.name(), error);
    }
  }

  private static final class Nothing implements WriteChannel.Listener {
    @Override
    public void onProgress() {}

    @Override
    public void onEnd(WriteEnd how, @Nullable Throwable error) {
      throw new IllegalStateException(how.name(), error);
    }
  }
}
