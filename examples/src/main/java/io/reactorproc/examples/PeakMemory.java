/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.ResourceUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What can be said of a child's peak memory. Until it executes its program, a child of {@code
 * posix_spawn} lives in our memory, and the kernel counts that in {@code ru_maxrss}: a value below
 * our own peak only tells that the child's is no greater.
 */
final class PeakMemory {
  private PeakMemory() {}

  static String of(ResourceUsage usage) {
    String amount = Quantity.bytes((double) usage.peakRssBytes());
    return usage.peakRssBytes() > ownPeakBytes() ? amount : "at most " + amount;
  }

  private static long ownPeakBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException unreadable) {
      // Then nothing is claimed.
    }
    return Long.MAX_VALUE;
  }
}
