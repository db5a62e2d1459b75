/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.Port;
import java.util.List;

/** A job of several children that a run is to start as one of its stages. A value. */
record PlannedJob(int position, NestedJob job, Settings settings, List<Port> ports)
    implements Planned {
  @Override
  public String toString() {
    return job.toString();
  }
}
