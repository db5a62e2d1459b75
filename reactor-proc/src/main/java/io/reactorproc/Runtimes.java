/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/** All runtimes of this JVM. */
final class Runtimes {
  /** Weakly held: a runtime with children is reachable from the loops that watch them. */
  private static final Set<ProcessRuntime> KNOWN = Collections.newSetFromMap(new WeakHashMap<>());

  /** Under the lock of {@link #KNOWN}. */
  private static boolean closed = !JvmExit.isGuarded();

  private Runtimes() {}

  /** A runtime is there; where all are closed it is, too. */
  static void add(ProcessRuntime runtime) {
    synchronized (KNOWN) {
      KNOWN.add(runtime);
      if (closed) {
        runtime.gate().close();
      }
    }
  }

  static List<ProcessRuntime> all() {
    synchronized (KNOWN) {
      return List.copyOf(KNOWN);
    }
  }

  /** Those that there are, closed with all that are still to come. */
  static List<ProcessRuntime> close() {
    synchronized (KNOWN) {
      closed = true;
      KNOWN.forEach(runtime -> runtime.gate().close());
      return List.copyOf(KNOWN);
    }
  }
}
