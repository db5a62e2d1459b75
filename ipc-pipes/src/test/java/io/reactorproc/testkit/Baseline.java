/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What this JVM holds at one moment: descriptors, children, threads and pooled buffers. */
record Baseline(
    Map<Integer, String> descriptors,
    Map<Integer, String> children,
    Map<Long, String> threads,
    long buffers) {

  static Baseline now() {
    SortedMap<Integer, String> descriptors = new TreeMap<>(Proc.descriptors());
    JvmFiles.removeFrom(descriptors);
    return new Baseline(descriptors, Proc.children(), currentThreads(), pooledBuffersInUse());
  }

  private static Map<Long, String> currentThreads() {
    Map<Long, String> threads = new HashMap<>();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              if (!JvmThreads.contains(thread, stack)) {
                threads.put(thread.getId(), thread.getName());
              }
            });
    return threads;
  }

  private static long pooledBuffersInUse() {
    PooledByteBufAllocatorMetric pool = PooledByteBufAllocator.DEFAULT.metric();
    return Stream.concat(pool.directArenas().stream(), pool.heapArenas().stream())
        .mapToLong(PoolArenaMetric::numActiveAllocations)
        .sum();
  }

  /** What is there now and was not there in this baseline, or the other way round. */
  List<Finding> changesUntilNow() {
    Baseline now = now();
    List<Finding> changes = new ArrayList<>();
    now.descriptors.forEach(
        (fd, target) -> {
          String before = descriptors.get(fd);
          if (before == null) {
            changes.add(new Finding(Fault.DESCRIPTOR, "descriptor " + fd + " -> " + target));
          } else if (!before.equals(target)) {
            String text = "descriptor " + fd + " -> " + target + ", which was " + before;
            changes.add(new Finding(Fault.DESCRIPTOR, text));
          }
        });
    descriptors.forEach(
        (fd, target) -> {
          if (!now.descriptors.containsKey(fd)) {
            String text = "descriptor " + fd + " -> " + target + " of before the test is closed";
            changes.add(new Finding(Fault.DESCRIPTOR, text));
          }
        });
    now.children.forEach(
        (pid, child) -> {
          if (!children.containsKey(pid)) {
            changes.add(new Finding(Fault.CHILD, "child " + pid + " (" + child + ")"));
          }
        });
    now.threads.forEach(
        (id, name) -> {
          if (!threads.containsKey(id)) {
            changes.add(new Finding(Fault.THREAD, "thread " + name));
          }
        });
    if (now.buffers > buffers) {
      String text = (now.buffers - buffers) + " pooled buffers more than before";
      changes.add(new Finding(Fault.BUFFER, text));
    }
    return changes;
  }
}
