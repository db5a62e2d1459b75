/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.End;
import io.reactorproc.Wiring.Mode;
import io.reactorproc.Wiring.OutputPipe;
import io.reactorproc.Wiring.Port;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The {@link Wiring} of a child on a terminal of its own: stdin and stdout are the terminal, and so
 * is stderr unless the command sends it elsewhere.
 */
final class TerminalWiring {
  private TerminalWiring() {}

  static List<Port> of(Settings settings, Mode mode, Map<Integer, End> given) {
    if (!given.isEmpty()) {
      throw new InvalidCommandException(
          "a command on a terminal of its own cannot have the input or output of others");
    }
    if (settings.group == Settings.Group.INHERITED) {
      throw new InvalidCommandException(
          "a terminal of its own means a session of its own: inheritProcessGroup() cannot be");
    }
    List<Port> ports = new ArrayList<>(3);
    ports.add(new Port(0, new Wiring.TerminalInput(input(settings, mode))));
    ports.add(new Port(1, new Wiring.TerminalOutput(output(settings.output(1), mode))));
    ports.add(new Port(2, stderr(settings.output(2), mode)));
    Wiring.addFurther(ports, settings, mode);
    return ports;
  }

  /** A handle can type unless told otherwise; without one nobody could, and the input is empty. */
  private static Stdin input(Settings settings, Mode mode) {
    Stdin set = settings.inputs.get(0);
    if (set == null) {
      return mode == Mode.START ? Stdin.pipe() : Stdin.empty();
    }
    Wiring.checkLive(set, mode);
    if (set instanceof Stdin.Empty
        || set instanceof Stdin.Piped
        || set instanceof Stdin.Published) {
      return set;
    }
    if (set instanceof Stdin.Memory memory) {
      return memory.pumped(); // what is typed cannot be a file
    }
    throw new InvalidCommandException(
        "stdin is the terminal of the command and cannot come from elsewhere: " + set);
  }

  private static OutputPipe output(Output set, Mode mode) {
    if (set instanceof Output.Standard) {
      return new OutputPipe(Wiring.use(1, mode), List.of());
    }
    if (set instanceof Output.Tee tee) {
      return new OutputPipe(Wiring.use(1, mode), tee.targets());
    }
    throw new InvalidCommandException(
        "stdout is the terminal of the command and cannot go elsewhere: " + set);
  }

  private static End stderr(Output set, Mode mode) {
    return set instanceof Output.Standard || set instanceof Output.Merged
        ? Wiring.TO_TERMINAL
        : Wiring.output(2, set, mode);
  }
}
