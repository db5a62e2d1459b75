/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import org.jspecify.annotations.Nullable;

/**
 * Watches one child where there are no pidfds, before Linux 5.4 or in a sandbox: asks {@code
 * waitid} for that very pid after 1 ms and then ever more rarely, up to every 50 ms. The end of an
 * output is a hint that is followed at once, so that most exits are seen without delay. Were the
 * status taken by somebody else and the pid used again for another child of this JVM, this watch
 * could mistake one for the other: pidfds exist for a reason.
 */
final class TimedWatch implements ExitWatch {
  private static final long FIRST_PAUSE_MICROS = 1_000;
  private static final long LONGEST_PAUSE_MICROS = 50_000;

  private final Kernel kernel;
  private final IoEventLoop loop;
  private final int pid;
  private @Nullable Listener listener;
  private @Nullable ScheduledFuture<?> next;
  private long pauseMicros = FIRST_PAUSE_MICROS;

  TimedWatch(Kernel kernel, IoEventLoop loop, int pid) {
    this.kernel = kernel;
    this.loop = loop;
    this.pid = pid;
  }

  @Override
  public void start(Listener to) {
    listener = to;
    pollLater();
  }

  private void pollLater() {
    next = Later.schedule(loop, pauseMicros, this::poll);
    pauseMicros = Math.min(LONGEST_PAUSE_MICROS, pauseMicros * 3 / 2);
  }

  private void poll() {
    Listener current = listener;
    if (current == null) {
      return;
    }
    // A look first, which leaves the zombie and with it the number.
    WaitResult seen = kernel.waitFor(false, pid, WaitResult.EXITED | WaitResult.NO_WAIT);
    if (seen.kind() == WaitResult.Kind.NOTHING) {
      pollLater();
      return;
    }
    if (seen.kind() != WaitResult.Kind.LOST) {
      current.onGoing();
    }
    listener = null;
    current.onExit(kernel.waitFor(false, pid, WaitResult.EXITED));
  }

  /** Asks at once, but not within this call: who reports the end of an output is not done yet. */
  @Override
  public void outputEnded() {
    if (listener != null) {
      cancelNext();
      pauseMicros = FIRST_PAUSE_MICROS;
      next = Later.schedule(loop, 0, this::poll);
    }
  }

  @Override
  public void stop() {
    listener = null;
    cancelNext();
  }

  private void cancelNext() {
    ScheduledFuture<?> scheduled = next;
    if (scheduled != null) {
      scheduled.cancel(false);
    }
  }

  @Override
  public boolean signal(int signal) throws SystemCallException {
    return listener != null && kernel.kill(pid, signal);
  }

  @Override
  public WaitResult takeJobChange() {
    return listener == null
        ? WaitResult.NOTHING
        : kernel.waitFor(false, pid, WaitResult.STOPPED | WaitResult.CONTINUED);
  }
}
