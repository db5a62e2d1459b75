/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * At the end of the JVM (its normal end, {@code System.exit}, SIGTERM, SIGINT) the children that
 * remain are ended, each by its own termination, and killed if they take longer than all in all 10
 * seconds. Detached ones stay.
 */
final class JvmExit {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LAST_WAIT = Duration.ofSeconds(2);
  private static final Set<ProcessRuntime> RUNTIMES = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(JvmExit::endChildren, "reactor-proc-exit"));
  }

  private JvmExit() {}

  static void guard(ProcessRuntime runtime) {
    RUNTIMES.add(runtime);
  }

  /** The event loops are daemons and still run while the hooks of the JVM do. */
  private static void endChildren() {
    end(null);
    if (!awaitEnd(PATIENCE)) {
      end(Termination.kill());
      awaitEnd(LAST_WAIT);
    }
  }

  private static void end(@Nullable Termination termination) {
    for (Child child : attended()) {
      Termination chosen = termination == null ? child.settings().termination : termination;
      child.loop().execute(() -> child.terminate(chosen));
    }
  }

  private static List<Child> attended() {
    return RUNTIMES.stream()
        .flatMap(runtime -> runtime.living().stream())
        .filter(child -> child.settings().life == Settings.Life.WITH_JVM)
        .toList();
  }

  private static boolean awaitEnd(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!attended().isEmpty()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    return true;
  }
}
