/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.cgroup.Cgroups;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * At the end of the JVM (its normal end, {@code System.exit}, SIGTERM, SIGINT) the children that
 * remain are ended, each by its own termination, and killed if they take longer than all in all 10
 * seconds; no more are started. Detached ones stay, and may be started.
 */
final class JvmExit {
  private static final Logger LOG = LoggerFactory.getLogger(JvmExit.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LAST_WAIT = Duration.ofSeconds(2);

  /** Weakly held: a runtime with children is reachable from the loops that watch them. */
  private static final Set<ProcessRuntime> RUNTIMES =
      Collections.newSetFromMap(new WeakHashMap<>());

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(JvmExit::endChildren, "reactor-proc-exit"));
  }

  /** Spawns under way: a child that is not in its runtime's list yet must not be overlooked. */
  private static final AtomicInteger STARTING = new AtomicInteger();

  /** No spawn begins once this is set. */
  private static volatile boolean ending;

  private JvmExit() {}

  static void guard(ProcessRuntime runtime) {
    synchronized (RUNTIMES) {
      RUNTIMES.add(runtime);
    }
  }

  private static List<ProcessRuntime> runtimes() {
    synchronized (RUNTIMES) {
      return List.copyOf(RUNTIMES);
    }
  }

  /**
   * A spawn begins, if this is true; {@link #leaveStart} ends it. Counted before the look at {@link
   * #ending}, as the hook sets that before it looks at the count: one of the two sees the other.
   */
  static boolean enterStart() {
    STARTING.incrementAndGet();
    if (ending) {
      STARTING.decrementAndGet();
      return false;
    }
    return true;
  }

  /** The child is in its runtime's list, or there is none. */
  static void leaveStart() {
    STARTING.decrementAndGet();
  }

  /** The event loops are daemons and still run while the hooks of the JVM do. */
  private static void endChildren() {
    ending = true;
    if (!end(null, PATIENCE)) {
      end(Termination.kill(), LAST_WAIT);
    }
    Cgroups.tidyUp();
  }

  /** Ends each child by this termination or its own; false where some remain after the patience. */
  private static boolean end(@Nullable Termination termination, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    Set<Run> told = new HashSet<>();
    while (true) {
      boolean starting = STARTING.get() > 0;
      List<Child> left = attended();
      if (left.isEmpty() && !starting && !RunCgroup.isRemoving()) {
        return true;
      }
      for (Child child : left) {
        Run run = child.part().run();
        if (told.add(run)) {
          tell(run, termination == null ? run.settings().termination : termination);
        }
      }
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static void tell(Run run, Termination termination) {
    try {
      run.loop().execute(() -> run.ending().terminate(termination));
    } catch (RejectedExecutionException e) {
      LOG.warn("{} stays: its event loop was shut down before it", run.job());
    }
  }

  /** The children of all runtimes that are not reaped. Any thread. */
  static List<Child> living() {
    return runtimes().stream().flatMap(runtime -> runtime.living().stream()).toList();
  }

  private static List<Child> attended() {
    return living().stream()
        .filter(child -> child.settings().life == Settings.Life.WITH_JVM)
        .toList();
  }
}
