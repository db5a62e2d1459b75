/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.cgroup.Cgroup;
import java.util.Optional;

/**
 * A child, for those who look after all of them.
 *
 * @param pid its number until it is reaped
 * @param group the process group that it was started in; 0 where that is the JVM's own
 * @param detached whether it is meant to outlive the JVM
 * @param cgroup the cgroup that it was started in, where it has one of its own
 */
public record ChildInfo(int pid, int group, boolean detached, Optional<Cgroup> cgroup) {}
