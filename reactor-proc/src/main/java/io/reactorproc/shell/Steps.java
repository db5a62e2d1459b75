/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.ExitStatus;
import io.reactorproc.shell.ScriptResult.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The commands of one run that have ended. Any thread. */
final class Steps {
  private final List<Step> steps = new ArrayList<>();

  /** A child ended, with this status for the shell. */
  synchronized void ended(String command, int status, ExitStatus exit) {
    steps.add(new Step(command, status, Optional.of(exit)));
  }

  /** There was no child. */
  synchronized void notStarted(Object command, int status) {
    steps.add(new Step(command.toString(), status, Optional.empty()));
  }

  synchronized List<Step> toList() {
    return List.copyOf(steps);
  }
}
