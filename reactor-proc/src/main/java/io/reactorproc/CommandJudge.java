/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessExitException.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one child of a command, by its policy. */
record CommandJudge(ExitPolicy policy) implements Judge {
  @Override
  public @Nullable Throwable ofStatuses(List<Part> parts) {
    ExitStatus status = parts.get(0).status();
    if (policy.accepts(status)) {
      return null;
    }
    return because(status.isLost() ? Reason.STATUS_LOST : Reason.STATUS, null, parts, null);
  }

  @Override
  public ProcessExitException because(
      Reason reason, @Nullable Part culprit, List<Part> parts, @Nullable Throwable cause) {
    Part part = parts.get(0);
    return new ProcessExitException(
        reason,
        part.command().toString(),
        part.member().pid(),
        part.status(),
        part.excerpt(),
        part.partial(),
        cause);
  }
}
