/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import org.jspecify.annotations.Nullable;

/** Which signals no program in a virtual machine can have, in whatever way. */
final class UniversalRefusals {
  private UniversalRefusals() {}

  static @Nullable String reason(Signal signal) {
    return switch (signal.name()) {
      case "SIGKILL", "SIGSTOP" -> "the kernel lets no process catch, block or ignore it";
      case "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL" ->
          "the virtual machine handles it as a fault of the code it runs";
      case "SIG32", "SIG33" -> "libc keeps it for its threads";
      default -> null;
    };
  }
}
