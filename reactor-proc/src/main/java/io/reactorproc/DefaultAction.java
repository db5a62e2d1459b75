/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.signals.Signal;
import java.util.Set;

/** What a signal does to a process that has no handler for it, by {@code signal(7)}. */
final class DefaultAction {
  private static final Set<Signal> STOP =
      Set.of(Signal.SIGSTOP, Signal.SIGTSTP, Signal.SIGTTIN, Signal.SIGTTOU);
  private static final Set<Signal> NOTHING =
      Set.of(Signal.SIGCHLD, Signal.SIGURG, Signal.SIGWINCH, Signal.SIGCONT);

  private DefaultAction() {}

  static boolean stops(Signal signal) {
    return STOP.contains(signal);
  }

  static boolean ends(Signal signal) {
    return !STOP.contains(signal) && !NOTHING.contains(signal);
  }
}
