/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

/** One stage of a {@link Pipeline}. A value. */
sealed interface Stage permits Stage.Program, JavaStage, TapStage {
  /** A child. */
  record Program(Command command) implements Stage {
    @Override
    public String toString() {
      return command.toString();
    }
  }
}
