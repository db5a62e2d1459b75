/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.life;

import io.reactorproc.Closing;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.signals.Signals;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the JVM that signals ask for. On the thread that delivers signals, which it never
 * blocks: a thread of its own leaves, as {@code System.exit} waits for the hooks.
 */
final class SignalledEnd {
  private static final Logger LOG = LoggerFactory.getLogger(SignalledEnd.class);
  private static final Duration SAME = Duration.ofMillis(100);
  private static final int OF_A_SIGNAL = 128;

  private final Shutdown shutdown;
  private @Nullable Instant first;

  /** The second signal was there, and nothing may run any more. Set once; any thread. */
  private volatile boolean now;

  SignalledEnd(Shutdown shutdown) {
    this.shutdown = shutdown;
  }

  void arrived(SignalEvent event) {
    Instant begun = first;
    if (begun == null) {
      first = event.time();
      LOG.info("{}: ending the children, then this JVM", event.signal());
      endInOrder(event.signal());
    } else if (!now && event.time().isAfter(begun.plus(SAME))) {
      now = true;
      LOG.warn("{}, once more: killing what is left", event.signal());
      endNow(event.signal());
    }
  }

  private void endInOrder(Signal signal) {
    Runnable exit = () -> System.exit(OF_A_SIGNAL + signal.number());
    if (shutdown.isLeftToOthers()) {
      leave(exit);
    } else {
      shutdown
          .close()
          .doFinally(
              end -> {
                if (!now) { // which kills what this waits for
                  leave(exit);
                }
              })
          .subscribe();
    }
  }

  private static void endNow(Signal signal) {
    Closing all = Closing.ofAll();
    all.kill();
    all.states().doFinally(end -> leave(() -> Signals.dieBy(signal))).subscribe();
  }

  private static void leave(Runnable way) {
    Thread thread = new Thread(way, "reactor-proc-shutdown");
    thread.setDaemon(true);
    thread.start();
  }
}
