/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessExitException.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what the error of a run is whose children are all reaped. On the loop. */
interface Judge {
  /** The error of how the children ended by themselves, or null where that was success. */
  @Nullable Throwable ofStatuses(List<Part> parts);

  /**
   * The error of children that we ended.
   *
   * @param culprit whose input, output or limit was the reason, where it was one child's
   */
  ProcessExitException because(
      Reason reason, @Nullable Part culprit, List<Part> parts, @Nullable Throwable cause);
}
