/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.Port;
import java.util.List;

/**
 * One child that a run is to start. A value.
 *
 * @param command the program, with the settings that hold for it here
 */
record PlannedChild(int position, Command command, List<Port> ports) implements Planned {
  @Override
  public Settings settings() {
    return command.settings();
  }

  @Override
  public String toString() {
    return command.toString();
  }
}
