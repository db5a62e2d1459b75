/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/** One stage of a {@link Pipeline}. A value. */
sealed interface Stage permits Stage.Program, Stage.Nested, JavaStage {
  /** A child. */
  record Program(Command command) implements Stage {
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
    public String toString() {
      return "{ " + job + "; }";
    }
  }
}
