/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.List;
import java.util.Optional;

/**
 * A job that runs, as a {@link Closing} sees it.
 *
 * @param job the command or pipeline
 * @param name the one that it was given by {@link Command#named} or {@link Pipeline#named}
 * @param pids of its children that were not reaped at that moment
 * @param told whether its {@link Termination} has begun; not while it waits for others that need it
 */
public record LivingJob(Job job, Optional<String> name, List<Integer> pids, boolean told) {
  /** For logs: its name, or what it runs, and its pids. */
  @Override
  public String toString() {
    return name.orElseGet(job::toString) + " " + pids;
  }
}
