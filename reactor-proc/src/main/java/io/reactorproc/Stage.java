/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/** One stage of a {@link Pipeline}. A value. */
sealed interface Stage permits Stage.Program, Stage.Nested, JavaStage, TapStage {
  /** A sequence that counts what it cannot start as failed; others as they are. */
  default Stage withStartsAsStatuses() {
    return this;
  }

  /** A child as a sequence by itself; others as they are. */
  default Stage alone() {
    return this;
  }

  /** A child. */
  record Program(Command command) implements Stage {
    @Override
    public Stage alone() {
      return new Nested(new NestedSequence(Sequence.of(command)), Output.standard());
    }

    @Override
    public String toString() {
      return command.toString();
    }
  }

  /**
   * A job of several children one after the other.
   *
   * @param stderr where its stderr goes: as set, or with stdout into the pipe
   */
  record Nested(NestedJob job, Output stderr) implements Stage {
    @Override
    public Stage withStartsAsStatuses() {
      return job instanceof NestedSequence nested
          ? new Nested(
              new NestedSequence(nested.sequence().startFailures(StartFailures.STATUS)), stderr)
          : this;
    }

    @Override
    public String toString() {
      return "{ " + job + "; }";
    }
  }
}
