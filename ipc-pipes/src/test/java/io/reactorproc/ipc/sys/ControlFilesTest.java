/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlFilesTest {
  @TempDir Path directory;

  @Test
  void file_isReadFromItsStartEachTime() throws IOException {
    Path file = Files.writeString(directory.resolve("events"), "populated 1\n");
    byte[] path = (file + "\0").getBytes(StandardCharsets.UTF_8);
    try (Descriptor open = Descriptor.own(Kernel.system().open(path, 0, 0, "test"))) {
      assertThat(ControlFiles.system().read(open.number(), 256)).isEqualTo("populated 1\n");
      Files.writeString(file, "populated 0\n");
      assertThat(ControlFiles.system().read(open.number(), 256)).isEqualTo("populated 0\n");
      assertThat(ControlFiles.system().read(open.number(), 3)).isEqualTo("pop");
    }
  }

  @Test
  void descriptorThatIsNotOpen_isATypedError() {
    SystemCallException failure =
        catchThrowableOfType(
            SystemCallException.class, () -> ControlFiles.system().read(1_000_000, 256));

    assertThat(failure.errnoName()).isEqualTo("EBADF");
  }
}
