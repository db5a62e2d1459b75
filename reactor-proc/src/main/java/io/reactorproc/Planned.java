/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.Port;
import java.util.List;

/** One member that a run is to start. A value. */
sealed interface Planned permits PlannedChild, PlannedJob {
  /** Where it stands in its pipeline, counted from 0; 0 for a command by itself. */
  int position();

  /** The settings that hold for it. */
  Settings settings();

  /** What its descriptors are, in ascending order of their numbers. */
  List<Port> ports();
}
