/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delayed work on a loop that nobody will wait for. */
final class Later {
  private static final Logger LOG = LoggerFactory.getLogger(Later.class);

  private Later() {}

  /** Runs the action on the loop after a delay; what it throws is logged. */
  @SuppressWarnings("FutureReturnValueIgnored") // the action cannot fail and nobody cancels it
  static void run(IoEventLoop loop, long micros, Runnable action) {
    schedule(loop, micros, action);
  }

  /** As {@link #run}, and can be cancelled. */
  static ScheduledFuture<?> schedule(IoEventLoop loop, long micros, Runnable action) {
    Runnable logged =
        () -> {
          try {
            action.run();
          } catch (RuntimeException | Error e) {
            LOG.error("delayed work failed", e);
          }
        };
    return loop.schedule(logged, micros, TimeUnit.MICROSECONDS);
  }
}
