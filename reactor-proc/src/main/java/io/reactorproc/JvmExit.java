/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.cgroup.Cgroups;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * At the end of the JVM (its normal end, {@code System.exit}, SIGTERM, SIGINT) the children that
 * remain are ended by the {@link Closing} of all runtimes, after those that were declared for it.
 * The event loops are daemons and still run while the hooks of the JVM do.
 */
final class JvmExit {
  private static final Duration LAST_WAIT = Duration.ofSeconds(2);
  private static final List<Declared> DECLARED = new CopyOnWriteArrayList<>();
  private static final boolean GUARDED = guard();

  private JvmExit() {}

  /** A closing with its own rules, which somebody else may begin before we do. */
  record Declared(Closing closing, ClosingRules rules, Duration patience) {}

  private static boolean guard() {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(JvmExit::endChildren, "reactor-proc-exit"));
      return true;
    } catch (IllegalStateException tooLate) {
      return false; // the hooks run already: what is started now would stay
    }
  }

  /** Whether children are ended with the JVM; not if we came when it was about to end. */
  static boolean isGuarded() {
    return GUARDED;
  }

  static void declare(Declared closing) {
    DECLARED.add(closing);
  }

  static void withdraw(Declared closing) {
    DECLARED.remove(closing);
  }

  /** The children are reaped; what they left in their cgroups is being killed. */
  private static void removeCgroups() {
    long begin = System.nanoTime();
    while (RunCgroup.isRemoving() && System.nanoTime() - begin < LAST_WAIT.toNanos()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    Cgroups.tidyUp();
  }

  private static void endChildren() {
    try {
      for (Declared each : DECLARED) {
        each.closing().await(each.rules(), each.patience());
      }
      Closing.ofAll().await(ClosingRules.standard(), Duration.ZERO);
    } catch (InterruptedException e) {
      Closing.ofAll().kill(); // somebody is in a hurry
    }
    removeCgroups();
  }
}
