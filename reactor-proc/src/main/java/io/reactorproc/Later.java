/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delayed work on a loop that nobody will cancel or wait for. */
final class Later {
  private static final Logger LOG = LoggerFactory.getLogger(Later.class);

  private Later() {}

  /** Runs the action on the loop after a delay; what it throws is logged. */
  @SuppressWarnings("FutureReturnValueIgnored") // the listener below sees the failure
  static void run(IoEventLoop loop, long micros, Runnable action) {
    loop.schedule(action, micros, TimeUnit.MICROSECONDS)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                LOG.error("delayed work failed", done.cause());
              }
            });
  }
}
