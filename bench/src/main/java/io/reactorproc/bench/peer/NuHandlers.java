/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import com.zaxxer.nuprocess.NuAbstractProcessHandler;
import com.zaxxer.nuprocess.NuProcess;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The handlers of {@link NuProcessPeer}; NuProcess calls each from one thread of its own. */
final class NuHandlers {
  private NuHandlers() {}

  /** Knows the end. A handler that throws is logged and forgotten there, so failures are kept. */
  static class Ending extends NuAbstractProcessHandler {
    private final CompletableFuture<Integer> code = new CompletableFuture<>();
    private IntConsumer onEnd = ended -> {};

    void onEnd(IntConsumer action) {
      onEnd = action;
    }

    void failed(RuntimeException failure) {
      code.completeExceptionally(failure);
    }

    int await() throws Exception {
      return code.get(5, TimeUnit.MINUTES);
    }

    @Override
    public void onExit(int exitCode) {
      code.complete(exitCode);
      onEnd.accept(exitCode);
    }
  }

  /** Keeps stdout. */
  static final class Capturing extends Ending {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void onStdout(ByteBuffer buffer, boolean closed) {
      byte[] piece = new byte[buffer.remaining()];
      buffer.get(piece);
      bytes.writeBytes(piece);
    }

    byte[] captured() {
      return bytes.toByteArray();
    }
  }

  /** Counts stdout. */
  static class Counting extends Ending {
    long bytes;
    long reads;

    @Override
    public void onStdout(ByteBuffer buffer, boolean closed) {
      if (buffer.hasRemaining()) {
        bytes += buffer.remaining();
        reads++;
        buffer.position(buffer.limit());
      }
    }
  }

  /** Counts newlines. */
  static final class Newlines extends Counting {
    long lines;

    @Override
    public void onStdout(ByteBuffer buffer, boolean closed) {
      int end = buffer.limit();
      for (int i = buffer.position(); i < end; i++) {
        if (buffer.get(i) == '\n') {
          lines++;
        }
      }
      super.onStdout(buffer, closed);
    }
  }

  /** Sends the pattern and counts what comes back. */
  static final class Feeding extends Counting {
    private final byte[] block = Pattern.block();
    private final long amount;
    private long sent;
    private @Nullable NuProcess process;

    Feeding(long amount) {
      this.amount = amount;
    }

    @Override
    public void onStart(NuProcess started) {
      process = started;
      started.wantWrite();
    }

    @Override
    public boolean onStdinReady(ByteBuffer buffer) {
      while (buffer.hasRemaining() && sent < amount) {
        int offset = (int) (sent % block.length);
        int length = (int) Math.min(block.length - offset, amount - sent);
        length = Math.min(length, buffer.remaining());
        buffer.put(block, offset, length);
        sent += length;
      }
      buffer.flip();
      if (sent < amount) {
        return true;
      }
      Objects.requireNonNull(process).closeStdin(false);
      return false;
    }

    @Override
    public void onStdout(ByteBuffer buffer, boolean closed) {
      if (buffer.hasRemaining()) {
        try {
          int from = buffer.position();
          int length = buffer.remaining();
          Pattern.check(bytes, buffer.get(from), buffer.get(from + length - 1), length);
        } catch (RuntimeException e) {
          failed(e);
        }
      }
      super.onStdout(buffer, closed);
    }
  }

  /** Sends, awaits the answer, and sends again. */
  static final class Trips extends Ending {
    private final long[] nanos;
    private final byte[] answer = new byte[Payloads.SIZE];
    private int trip;
    private int got;
    private long start;
    private @Nullable NuProcess process;

    Trips(int count) {
      nanos = new long[count];
    }

    @Override
    public void onStart(NuProcess started) {
      process = started;
      send(started);
    }

    private void send(NuProcess to) {
      start = System.nanoTime();
      to.writeStdin(ByteBuffer.wrap(Payloads.of(trip)));
    }

    @Override
    public void onStdout(ByteBuffer buffer, boolean closed) {
      int length = buffer.remaining();
      buffer.get(answer, got, length);
      got += length;
      if (got < Payloads.SIZE) {
        return;
      }
      nanos[trip] = System.nanoTime() - start;
      try {
        Payloads.check(trip, answer, got);
      } catch (RuntimeException e) {
        failed(e);
      }
      got = 0;
      NuProcess child = Objects.requireNonNull(process);
      if (++trip < nanos.length) {
        send(child);
      } else {
        child.closeStdin(false);
      }
    }

    long[] nanos() {
      Check.equal(trip, nanos.length, "round trips");
      return nanos;
    }
  }
}
