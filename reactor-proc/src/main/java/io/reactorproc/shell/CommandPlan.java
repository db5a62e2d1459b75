/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Command;
import io.reactorproc.Output;
import io.reactorproc.Stdin;

/**
 * A command that is ready to be run.
 *
 * @param program what is run, nothing connected
 * @param streams where its descriptors lead
 * @param base where they would without its redirects
 */
record CommandPlan(Command program, Streams streams, Streams base) {

  /** The program with its descriptors. */
  Command command() {
    return connect(program, streams);
  }

  static Command connect(Command program, Streams streams) {
    Command command = program;
    Slot in = streams.in();
    if (in instanceof Slot.Shared shared) {
      command = command.stdin(Stdin.lent(shared.descriptor()));
    } else if (in instanceof Slot.ToOpen file) {
      command = command.stdin(Stdin.file(file.path()));
    } else if (in instanceof Slot.Input input) {
      command = command.stdin(input.stdin());
    }
    Slot out = streams.out();
    Slot err = streams.err();
    if (!(out instanceof Slot.Joined)) {
      command = command.stdout(output(out));
    }
    boolean same = err == out && !(out instanceof Slot.Shared || out instanceof Slot.Nothing);
    return command.stderr(same ? Output.stdout() : output(err));
  }

  private static Output output(Slot slot) {
    if (slot instanceof Slot.Shared shared) {
      return Output.lent(shared.descriptor());
    }
    if (slot instanceof Slot.ToOpen file) {
      return file.kind() == Redirect.Kind.APPEND
          ? Output.append(file.path())
          : Output.file(file.path());
    }
    if (slot instanceof Slot.Target target) {
      return target.output();
    }
    if (slot instanceof Slot.Nothing) {
      return Output.discard();
    }
    throw new IllegalStateException("nothing can be written to " + slot);
  }
}
