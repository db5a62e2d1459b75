/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a {@link Termination} on one child until the child is gone. On the loop. */
final class Ladder {
  private static final Logger LOG = LoggerFactory.getLogger(Ladder.class);

  private final Child child;
  private final IoEventLoop loop;
  private final Iterator<Termination.Step> steps;
  private @Nullable ScheduledFuture<?> pause;

  Ladder(Child child, IoEventLoop loop, Termination termination) {
    this.child = child;
    this.loop = loop;
    this.steps = termination.steps().iterator();
  }

  /** Takes steps until the next wait, the last one, or the end of the child. */
  void climb() {
    pause = null;
    while (steps.hasNext() && !child.isReaped()) {
      Termination.Step step = steps.next();
      if (step instanceof Termination.Wait wait) {
        pause = loop.schedule(this::climb, wait.time().toNanos(), TimeUnit.NANOSECONDS);
        return;
      }
      take(step);
    }
  }

  /** The child is gone, or another ladder takes over. */
  void stop() {
    ScheduledFuture<?> current = pause;
    if (current != null) {
      current.cancel(false);
      pause = null;
    }
  }

  private void take(Termination.Step step) {
    try {
      if (step instanceof Termination.SignalGroup signal) {
        child.signalGroup(signal.signal().number());
      } else if (step instanceof Termination.SignalChild signal) {
        child.signal(signal.signal().number());
      } else if (step instanceof Termination.CloseStdin) {
        InputPort stdin = child.input(0);
        if (stdin != null) {
          stdin.queue().channel().closeWhenWritten();
        }
      } else if (step instanceof Termination.WriteStdin farewell) {
        InputPort stdin = child.input(0);
        if (stdin != null) {
          byte[] bytes = farewell.text().getBytes(StandardCharsets.UTF_8);
          stdin.queue().channel().write(Unpooled.wrappedBuffer(bytes));
        }
      }
    } catch (SystemCallException e) {
      // EPERM for a child that changed its user: the next step may do better, and the log tells.
      LOG.warn("ending child {}: {} failed", child.pidOrZero(), step, e);
    }
  }
}
