/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What this JVM holds at one moment: descriptors, children, threads and pooled buffers. */
final class Baseline {
  /** Opened lazily by the JVM, the class path and native libraries, and kept for good. */
  private static final Pattern JVM_FILE =
      Pattern.compile(
          ".*\\.(jar|so|class|tmp)( \\(deleted\\))?|.*/lib/modules|/dev/(u?random|null|pts/.*)"
              + "|/proc/.*/fd|.*/target/.*");

  /**
   * Threads that live as long as the JVM once they were needed. {@code pool-N-thread-M} is
   * Reactor's helper of {@code disposeGracefully}; nothing of ours has such a name.
   */
  private static final Pattern IMMORTAL_THREAD =
      Pattern.compile(
          "main|Reference Handler|Finalizer|Signal Dispatcher|Notification Thread|Common-Cleaner"
              + "|Attach Listener|Cleaner-.*|process reaper.*|surefire-.*|Surefire-.*|ping-timer-.*"
              + "|ForkJoinPool.*|reactor-proc-.*|globalEventExecutor-.*|boundedElastic-.*|parallel-.*"
              + "|single-.*|DestroyJavaVM|Thread-\\d+|SIG[A-Z0-9]+ handler|blockhound.*|JNA Cleaner"
              + "|pool-\\d+-thread-\\d+|junit-.*|VirtualThread.*|idle-connection.*|FileSystemWatch.*");

  private final Map<Integer, String> descriptors;
  private final Map<Integer, String> children;
  private final Map<Long, String> threads;
  private final long buffers;

  private Baseline(
      Map<Integer, String> descriptors,
      Map<Integer, String> children,
      Map<Long, String> threads,
      long buffers) {
    this.descriptors = descriptors;
    this.children = children;
    this.threads = threads;
    this.buffers = buffers;
  }

  static Baseline now() {
    Map<Integer, String> descriptors = new TreeMap<>(Proc.descriptors());
    descriptors.values().removeIf(JVM_FILE.asMatchPredicate());
    return new Baseline(descriptors, Proc.children(), threads(), buffers());
  }

  private static Map<Long, String> threads() {
    Predicate<String> immortal = IMMORTAL_THREAD.asMatchPredicate();
    Map<Long, String> threads = new HashMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!immortal.test(thread.getName())) {
        threads.put(thread.getId(), thread.getName());
      }
    }
    return threads;
  }

  private static long buffers() {
    long active = 0;
    for (PoolArenaMetric arena : PooledByteBufAllocator.DEFAULT.metric().directArenas()) {
      active += arena.numActiveAllocations();
    }
    for (PoolArenaMetric arena : PooledByteBufAllocator.DEFAULT.metric().heapArenas()) {
      active += arena.numActiveAllocations();
    }
    return active;
  }

  /** What is there now and was not there in this baseline. */
  List<String> leaksUntilNow() {
    Baseline now = now();
    List<String> leaks = new ArrayList<>();
    now.descriptors.forEach(
        (fd, target) -> {
          if (!target.equals(descriptors.get(fd))) {
            leaks.add("descriptor " + fd + " -> " + target);
          }
        });
    now.children.forEach(
        (pid, child) -> {
          if (!children.containsKey(pid)) {
            leaks.add("child " + pid + " (" + child + ")");
          }
        });
    now.threads.forEach(
        (id, name) -> {
          if (!threads.containsKey(id)) {
            leaks.add("thread " + name);
          }
        });
    if (now.buffers > buffers) {
      leaks.add((now.buffers - buffers) + " pooled buffers more than before");
    }
    return leaks;
  }
}
