/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of this JVM by a signal. */
final class Death {
  private static final Logger LOG = LoggerFactory.getLogger(Death.class);

  /** More than a signal takes that some thread of ours does not block. */
  private static final Duration DELIVERY = Duration.ofMillis(200);

  private static final int OF_A_SIGNAL = 128;

  private Death() {}

  static void by(Signal signal) {
    try {
      HandlerSource.makeDefault(signal);
      int self = Math.toIntExact(ProcessHandle.current().pid());
      Kernel.system().kill(self, signal.number());
      long deadline = System.nanoTime() + DELIVERY.toNanos();
      while (System.nanoTime() - deadline < 0) {
        LockSupport.parkNanos(DELIVERY.toNanos());
      }
    } catch (SystemCallException | RuntimeException e) {
      LOG.debug("{} cannot be sent to this JVM", signal, e);
    } finally {
      Runtime.getRuntime().halt(OF_A_SIGNAL + signal.number());
    }
  }
}
