/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Errno;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The calls where there is no terminal; {@code ForegroundTest} has one. */
class TerminalControlTest {
  private static final TerminalControl TERMINALS = TerminalControl.system();

  @Test
  void whatIsNoTerminal_isATypedError_andLeavesTheMaskOfTheThread() throws Exception {
    Kernel kernel = Kernel.system();
    long ends = kernel.pipe("test");
    try (Descriptor read = Descriptor.own(kernel, PipeEnds.readEnd(ends));
        Descriptor write = Descriptor.own(kernel, PipeEnds.writeEnd(ends))) {
      String mask = blocked();
      int fd = read.number();
      List<ThrowingCallable> calls =
          List.of(
              () -> TERMINALS.foregroundGroup(fd),
              () -> TERMINALS.setForegroundGroup(fd, 1),
              () -> TERMINALS.session(fd),
              () -> TERMINALS.modes(write.number()),
              () -> TERMINALS.setModes(fd, new byte[36]));
      for (ThrowingCallable call : calls) {
        assertThatThrownBy(call)
            .isInstanceOfSatisfying(
                SystemCallException.class, error -> assertThat(error.is(Errno.ENOTTY)).isTrue());
      }
      assertThat(blocked()).isEqualTo(mask);
    }
  }

  private static String blocked() throws IOException {
    return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
        .filter(line -> line.startsWith("SigBlk:"))
        .findFirst()
        .orElseThrow();
  }
}
