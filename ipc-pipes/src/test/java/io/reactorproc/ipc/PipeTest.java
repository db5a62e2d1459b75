/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PipeTest {
  private static final int O_CLOEXEC = 02000000;

  private static int flags(Descriptor end) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/fdinfo/" + end.number()));
    return lines.stream()
        .filter(line -> line.startsWith("flags:"))
        .map(line -> Integer.parseInt(line.substring(6).strip(), 8))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void bothEnds_areCloseOnExec() throws IOException {
    try (Pipe pipe = Pipe.open()) {
      assertThat(flags(pipe.readEnd()) & O_CLOEXEC).isEqualTo(O_CLOEXEC);
      assertThat(flags(pipe.writeEnd()) & O_CLOEXEC).isEqualTo(O_CLOEXEC);
      assertThat(Kernel.system().isInheritable(pipe.readEnd().number())).isFalse();
    }
  }

  @Test
  void aDuplicate_isCloseOnExecAndNotBelowItsLeastNumber() throws IOException {
    try (Pipe pipe = Pipe.open();
        Descriptor copy =
            Descriptor.own(Kernel.system().duplicate(pipe.readEnd().number(), 100, "test"))) {
      assertThat(copy.number()).isGreaterThanOrEqualTo(100);
      assertThat(flags(copy) & O_CLOEXEC).isEqualTo(O_CLOEXEC);
    }
  }

  @Test
  void whatGoesIn_comesOut() throws IOException {
    try (Pipe pipe = Pipe.open()) {
      Ends.raw(pipe.writeEnd()).say("through");
      assertThat(Ends.raw(pipe.readEnd()).awaitText(7)).isEqualTo("through");
    }
  }

  @Test
  void close_leavesAnEndThatWasGivenAway() throws IOException {
    Pipe pipe = Pipe.open();
    int given = pipe.readEnd().release();
    pipe.close();

    assertThat(Kernel.system().isOpen(given)).isTrue();
    Descriptor.own(given).close();
    assertThat(pipe.writeEnd().isOpen()).isFalse();
  }
}
