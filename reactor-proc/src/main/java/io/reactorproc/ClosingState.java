/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.List;

/**
 * How far a {@link Closing} has come.
 *
 * @param phase what is being done
 * @param left the jobs that have children left; in the phase {@code OVER} those that could not be
 *     ended, which are none unless a child hangs in the kernel
 */
public record ClosingState(Phase phase, List<LivingJob> left) {
  /** What is being done. */
  public enum Phase {
    /** No child is started any more, and those that live are asked to end. */
    ENDING,
    /** The patience is over, or somebody else's: SIGKILL to the groups of all that are left. */
    KILLING,
    /** Nothing more is done. */
    OVER
  }
}
