/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.concurrent.CountDownLatch;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** Code in the same JVM that waits for children that are not its own. */
final class ForeignWait {
  private static final int SIGKILL = 9;
  private static final int ANY = -1;
  private static final POSIX LIBC = POSIXFactory.getNativePOSIX();

  private ForeignWait() {}

  /** Kills a child and takes its status. */
  static void killAndTake(int pid) {
    LIBC.kill(pid, SIGKILL);
    LIBC.waitpid(pid, new int[1], 0);
  }

  /** Takes the status of any child, as it comes, in a thread that never ends. */
  static void takeAll() {
    CountDownLatch running = new CountDownLatch(1);
    Thread thief =
        new Thread(
            () -> {
              running.countDown();
              while (true) {
                if (LIBC.waitpid(ANY, new int[1], 0) < 0) {
                  Thread.onSpinWait(); // ECHILD: no child now
                }
              }
            },
            "thief");
    thief.setDaemon(true);
    thief.start();
    try {
      running.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
