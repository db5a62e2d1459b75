/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Kernel;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcTest {
  private static final int SIGSTOP = 19;

  @Test
  void stateOfThisJvm_isAlive() {
    assertThat(Proc.state(Proc.self())).isPresent();
    assertThat(Proc.isRunning(Proc.self())).isTrue();
  }

  @Test
  void stateOfNoProcess_isEmpty() {
    assertThat(Proc.state(Integer.MAX_VALUE)).isEmpty();
    assertThat(Proc.isRunning(Integer.MAX_VALUE)).isFalse();
  }

  @Test
  void child_isListedWithStateAndName() throws Exception {
    Process child = new ProcessBuilder("sleep", "1000").start();
    try {
      int pid = (int) child.pid();
      Await.until("the child runs sleep", () -> "S sleep".equals(Proc.children().get(pid)));
      Kernel.system().kill(pid, SIGSTOP);
      Await.until("the child is stopped", () -> Proc.state(pid).equals(Optional.of('T')));
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
      child.getOutputStream().close();
      child.getInputStream().close();
      child.getErrorStream().close();
    }
    assertThat(Proc.children()).doesNotContainKey((int) child.pid());
  }

  @Test
  void openFile_isListedWithItsPath(@TempDir Path directory) throws Exception {
    String path = Files.createFile(directory.toRealPath().resolve("open")).toString();
    try (FileInputStream file = new FileInputStream(path)) {
      assertThat(file.getFD().valid()).isTrue();
      assertThat(Proc.descriptors()).containsValue(path);
    }
    assertThat(Proc.descriptors()).doesNotContainValue(path);
  }

  @Test
  void threads_includeThoseOfTheJvm() {
    assertThat(Proc.threads()).containsKey(Proc.self()).containsValue("Finalizer");
  }
}
