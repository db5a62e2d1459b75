/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;

/** Skips a test where no cgroup can be made, and says why. */
public final class CgroupNeeded {
  private CgroupNeeded() {}

  /** Returns where cgroups can be made. */
  public static void orSkip() {
    Optional<String> why = Cgroups.ofThisProcess().unavailability();
    assumeTrue(why.isEmpty(), () -> "missing: a cgroup of version 2: " + why.orElse(""));
  }
}
