/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.Terminals;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The new terminal of one start, until its child has it. On one spawner thread. */
final class TerminalEnds implements AutoCloseable {
  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0x100;

  private final Terminals terminals;
  private final byte[] path;
  private final int master;
  private @Nullable Descriptor control;

  private TerminalEnds(Terminals terminals, byte[] path, Descriptor control) {
    this.terminals = terminals;
    this.path = path;
    this.master = control.number();
    this.control = control;
  }

  /** Makes a terminal that is all that it shall be before anybody opens it. */
  static TerminalEnds open(Kernel kernel, Terminals terminals, Pty pty) throws SystemCallException {
    Descriptor control = ours(kernel, Descriptor.own(kernel, terminals.open()));
    try {
      int master = control.number();
      terminals.setAttributes(master, pty.mode().applyTo(terminals.attributes(master).withUtf8()));
      terminals.setSize(master, pty.size());
      byte[] path = terminals.slave(master);
      // Where another devpts is mounted than the one of /dev/ptmx, the child would be told that its
      // program is missing.
      kernel.close(kernel.open(path, O_RDWR | O_NOCTTY, 0, "open the terminal of the child"));
      return new TerminalEnds(terminals, path, control);
    } catch (SystemCallException | RuntimeException | Error e) {
      control.close();
      throw e;
    }
  }

  private static Descriptor ours(Kernel kernel, Descriptor master) throws SystemCallException {
    if (master.number() >= OpenEnds.LEAST_OF_OURS) {
      return master;
    }
    try (master) {
      return Descriptor.own(
          kernel,
          kernel.duplicate(
              master.number(), OpenEnds.LEAST_OF_OURS, "move a descriptor out of the way"));
    }
  }

  /** The path that the child opens, with its NUL. */
  byte[] path() {
    return path;
  }

  /** The number of our side. */
  int master() {
    return master;
  }

  /** Hands over to the one who has the child. */
  TerminalPort take() {
    Descriptor taken = control;
    if (taken == null) {
      throw new IllegalStateException("the terminal was taken before");
    }
    control = null;
    String name = new String(path, 0, path.length - 1, StandardCharsets.US_ASCII);
    return new TerminalPort(terminals, taken, name);
  }

  @Override
  public void close() {
    Descriptor left = control;
    if (left != null) {
      left.close();
    }
  }
}
