/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.cgroup.Cgroup;

/**
 * Learns of every child of this JVM that this project starts, on every runtime; see {@link
 * ProcessRuntime#listen}. Called on the way of each child, so an implementation is quick and blocks
 * nowhere; what it throws is logged.
 *
 * <p>For one child the calls come in the order of the methods here. Where a start fails half-way,
 * those after {@link #started} may be left out, except {@link #ending} and {@link #ended}.
 */
public interface ChildListener {
  /** A cgroup was made for children that are not started yet. On a spawner thread. */
  default void placing(Cgroup cgroup) {}

  /** A child runs, or has run. On a spawner thread, right after the spawn. */
  default void started(ChildInfo child) {}

  /**
   * The child is gone and about to be reaped: the last moment at which its pid is certain not to be
   * somebody else's. On the child's loop, or a spawner thread where the start failed.
   */
  default void ending(ChildInfo child) {}

  /** The child is reaped. On the thread of {@link #ending}. */
  default void ended(ChildInfo child) {}
}
