/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** What this JVM itself has used; its children do not count. */
final class Usage {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** There since JDK 21. */
  private static final Optional<Method> TOTAL_ALLOCATED = totalAllocated();

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
    if (TOTAL_ALLOCATED.isPresent()) {
      return OptionalLong.of(totalAllocatedBytes(TOTAL_ALLOCATED.get()));
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

  private static Optional<Method> totalAllocated() {
    try {
      return Optional.of(ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes"));
    } catch (NoSuchMethodException e) {
      return Optional.empty();
    }
  }

  private static long totalAllocatedBytes(Method method) {
    try {
      return (Long) method.invoke(THREADS);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
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
