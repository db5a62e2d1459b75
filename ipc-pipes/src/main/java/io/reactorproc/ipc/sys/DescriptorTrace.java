/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers where each open {@link Descriptor} was made, when the system property {@code
 * io.reactorproc.trace} is {@code true}. Off by default, as it costs a stack trace per descriptor;
 * the tests run with it, so that a leak names its origin.
 */
public final class DescriptorTrace {
  private static final boolean ENABLED = Boolean.getBoolean("io.reactorproc.trace");
  private static final Map<Descriptor, Throwable> OPEN = new ConcurrentHashMap<>();

  private DescriptorTrace() {}

  /** The places that made the descriptors which are open now; empty unless tracing is on. */
  public static List<Throwable> origins() {
    return List.copyOf(OPEN.values());
  }

  static void opened(Descriptor descriptor, int number) {
    if (ENABLED) {
      OPEN.put(descriptor, new Throwable("descriptor " + number + " was made here"));
    }
  }

  static void ended(Descriptor descriptor) {
    if (ENABLED) {
      OPEN.remove(descriptor);
    }
  }
}
