/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.reactorproc.bench.Workload.Need;
import io.reactorproc.bench.Workload.Placement;
import java.util.Optional;

/**
 * What this machine has.
 *
 * @param compiler whether there is a C compiler
 * @param taskset whether there is taskset(1)
 * @param memory available bytes
 * @param descriptors the limit of open descriptors
 */
record Requirements(boolean compiler, boolean taskset, long memory, long descriptors) {
  private static final long BESIDES_THE_TOUCHED = 1L << 30;

  static Requirements ofThisMachine(Natives natives) {
    return new Requirements(
        natives.isAvailable(),
        Machine.hasProgram("taskset"),
        Machine.availableBytes(),
        Machine.descriptorLimit());
  }

  /** Why a workload cannot be run here; empty where it can. */
  Optional<String> missing(Workload workload) {
    if (workload.placement() == Placement.PINNED && !taskset) {
      return Optional.of("there is no taskset (util-linux)");
    }
    if (workload.needs().contains(Need.STATIC_CHILDREN) && !compiler) {
      return Optional.of("there is no C compiler for the static child");
    }
    long touched = Long.parseLong(workload.plan().getOrDefault("touch", "0"));
    long needed = workload.peers().size() * (touched + BESIDES_THE_TOUCHED);
    if (workload.needs().contains(Need.MEMORY) && memory < needed) {
      return Optional.of(
          "it needs " + (needed >> 30) + " GiB of memory, " + (memory >> 30) + " are available");
    }
    long opened = 4 * Long.parseLong(workload.plan().getOrDefault("amount", "0")) + 100;
    if (workload.needs().contains(Need.DESCRIPTORS) && descriptors < opened) {
      return Optional.of("it needs " + opened + " descriptors, the limit is " + descriptors);
    }
    return Optional.empty();
  }
}
