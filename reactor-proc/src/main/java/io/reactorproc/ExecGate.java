/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ipc.flow.LoopHandle;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Our end of the pipe that the shell of a {@link CgroupEntry} closes when it has become the
 * program: end of file then, after the code of what went wrong, if anything did. On the loop.
 */
final class ExecGate extends LoopHandle {
  /** The child runs its program. */
  static final int OPEN = 0;

  /** The shell was not done in time: it is stopped, or in a cgroup that is frozen. */
  static final int LATE = -1;

  private static final long PATIENCE_SECONDS = 10;

  private final ByteBuffer text = ByteBuffer.allocateDirect(8);
  private @Nullable IntConsumer listener;
  private @Nullable ScheduledFuture<?> timer;

  ExecGate(IoEventLoop loop, Descriptor readEnd) {
    super(loop, readEnd);
  }

  /** Waits; the code is told once, and may be told within this call. */
  void await(IntConsumer to) throws SystemCallException {
    listener = to;
    timer = loop.schedule(() -> tell(LATE), PATIENCE_SECONDS, TimeUnit.SECONDS);
    try {
      register(WATCH_READABLE);
    } catch (SystemCallException e) {
      stop();
      throw e;
    }
    read(); // registered first: what comes after this look is an event
  }

  @Override
  protected void onReady(int bits) {
    read();
  }

  private void read() {
    while (listener != null) {
      int read;
      try {
        read = fd.read(text, text.position(), text.limit());
      } catch (IOException e) {
        tell(LATE);
        return;
      }
      if (read == 0) {
        return; // EAGAIN
      }
      if (read < 0 || !text.hasRemaining()) {
        tell(code());
        return;
      }
      text.position(text.position() + read);
    }
  }

  private int code() {
    byte[] bytes = new byte[text.position()];
    text.flip().get(bytes);
    String said = new String(bytes, StandardCharsets.US_ASCII).strip();
    return said.isEmpty() ? OPEN : Integer.parseInt(said);
  }

  private void tell(int code) {
    IntConsumer to = listener;
    stop();
    if (to != null) {
      to.accept(code);
    }
  }

  /** Waits no more. Repeating does nothing. */
  void stop() {
    listener = null;
    ScheduledFuture<?> current = timer;
    if (current != null) {
      current.cancel(false);
    }
    leave();
  }

  @Override
  public void close() {
    stop();
  }
}
