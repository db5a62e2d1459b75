/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** What this JVM itself has used; its children do not count. */
final class Usage {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Usage() {}

  /** User and system time, by ticks of 10 ms. */
  static long cpuNanos() {
    return SYSTEM.getProcessCpuTime();
  }

  /**
   * Bytes allocated on the heap by Java threads. Before JDK 21 only the living ones can be asked,
   * so that there is no answer where threads come and go.
   */
  static OptionalLong allocatedBytes(boolean threadsStay) {
    Optional<Long> total = totalAllocatedBytes();
    if (total.isPresent()) {
      return OptionalLong.of(total.get());
    }
    if (!threadsStay) {
      return OptionalLong.empty();
    }
    long sum = 0;
    for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return OptionalLong.of(sum);
  }

  private static Optional<Long> totalAllocatedBytes() {
    try {
      return Optional.of(
          (Long) ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes").invoke(THREADS));
    } catch (ReflectiveOperationException olderThanJdk21) {
      return Optional.empty();
    }
  }

  /** Live Java threads; those of the collector and the compilers are not among them. */
  static int threads() {
    return THREADS.getThreadCount();
  }

  /** The resident set. */
  static long residentBytes() {
    return status("VmRSS:") * 1024;
  }

  /** The heap in use after a collection. */
  static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long status(String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      throw new IllegalStateException("no " + field + " in /proc/self/status");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
