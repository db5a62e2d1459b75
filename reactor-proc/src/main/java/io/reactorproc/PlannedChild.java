/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.Port;
import java.util.List;

/**
 * One child that a run is to start. A value.
 *
 * @param position where it stands in its pipeline, counted from 0; 0 for a command by itself
 * @param command the program, with the settings that hold for it here
 * @param ports what its descriptors are
 */
record PlannedChild(int position, Command command, List<Port> ports) {}
