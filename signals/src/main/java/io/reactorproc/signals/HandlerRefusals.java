/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Which signals a handler of the JVM cannot have, and why. Seen on HotSpot 17 and 25:
 *
 * <ul>
 *   <li>{@code sun.misc.Signal.handle} itself refuses SIGILL, SIGFPE, SIGSEGV, SIGQUIT, SIGKILL and
 *       SIGSTOP.
 *   <li>It accepts SIGBUS, although the virtual machine's own handler is what turns a truncated
 *       mapped file into an {@code InternalError} instead of a crash.
 *   <li>With {@code -Xrs} it also refuses SIGHUP, SIGINT and SIGTERM, and accepts all others in
 *       vain: the virtual machine then has no dispatcher thread, so a signal is caught and never
 *       told.
 * </ul>
 */
final class HandlerRefusals {
  private HandlerRefusals() {}

  static @Nullable String reason(Signal signal) {
    if (signal == Signal.SIGQUIT) {
      return "the virtual machine answers it with a thread dump, or with -Xrs leaves it at its"
          + " default";
    }
    if (signal.isRealTime()) {
      return "the JVM's handlers know no real-time signals; who starts the JVM can block it";
    }
    return ReducedSignals.ON
        ? "the JVM was started with -Xrs (ReduceSignalUsage), so it tells nobody about signals that"
            + " were not blocked before"
        : null;
  }

  /** Its own class, so that what is never asked for is never loaded: the beans take 10 to 25 ms. */
  private static final class ReducedSignals {
    static final boolean ON = detect();

    private static boolean detect() {
      try {
        HotSpotDiagnosticMXBean vm =
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return Boolean.parseBoolean(vm.getVMOption("ReduceSignalUsage").getValue());
      } catch (LinkageError | RuntimeException notHotSpotOrNoSuchModule) {
        // Another VM, or a runtime image without jdk.management: it cannot be known beforehand.
        return false;
      }
    }
  }
}
