/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.SystemCallException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Descriptors that a command names and several children share. */
@Timeout(60)
class LentByNameTest {

  private static String text(Command command) {
    return command.text().blockOptional(Limits.SOON).orElseThrow();
  }

  @Test
  void childrenShareWhatTheyRead_andWhatTheyWrite() throws SystemCallException {
    Pipe pipe = Pipe.open();
    try (LentDescriptor writing = new LentDescriptor(pipe.writeEnd())) {
      Command.of("printf", "a\\n").stdout(Output.lent(writing)).exit().block(Limits.SOON);
      Command.of("printf", "b\\n").stdout(Output.lent(writing)).exit().block(Limits.SOON);
    }
    try (LentDescriptor reading = new LentDescriptor(pipe.readEnd())) {
      Command line = Command.shell("read x; echo $x").stdin(Stdin.lent(reading));

      assertThat(text(line) + text(line)).isEqualTo("a\nb\n");
    }
  }

  @Test
  void stdoutAndStderr_canBeSwapped() throws SystemCallException {
    Pipe out = Pipe.open();
    Pipe err = Pipe.open();
    try (LentDescriptor first = new LentDescriptor(out.writeEnd());
        LentDescriptor second = new LentDescriptor(err.writeEnd())) {
      Command.shell("echo o; echo e >&2")
          .stdout(Output.lent(second))
          .stderr(Output.lent(first))
          .exit()
          .block(Limits.SOON);
    }
    try (LentDescriptor first = new LentDescriptor(out.readEnd());
        LentDescriptor second = new LentDescriptor(err.readEnd())) {
      assertThat(text(Command.of("cat").stdin(Stdin.lent(first)))).isEqualTo("e\n");
      assertThat(text(Command.of("cat").stdin(Stdin.lent(second)))).isEqualTo("o\n");
    }
  }
}
