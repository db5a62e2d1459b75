/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

/**
 * Which children {@code java.lang.Process} waits for. The JDK has a thread for each of them, and
 * nothing else that tells; its name is {@code process reaper (pid N)} in JDK 17 and 25 alike.
 */
final class JdkReapers {
  private static final String NAME = "process reaper";

  private JdkReapers() {}

  /** Whether a thread of the JDK may be waiting for this child. */
  static boolean mayWaitFor(int pid) {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    Thread[] threads = new Thread[root.activeCount() * 2 + 16];
    int count = root.enumerate(threads);
    if (count == threads.length) {
      return true; // there are more than could be looked at
    }
    String exact = NAME + " (pid " + pid + ")";
    for (int i = 0; i < count; i++) {
      if (threads[i].getName().equals(exact)) {
        return true;
      }
    }
    return false;
  }
}
