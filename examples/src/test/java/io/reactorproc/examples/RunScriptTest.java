/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What ./examples/run says when it finds no Java that will do. It builds nothing here. */
@Timeout(60)
class RunScriptTest {
  @TempDir Path home;

  @Test
  void javaHomeWithoutJava_isSaid() {
    ProcessResult result = run();

    assertThat(result.status().code()).hasValue(125);
    assertThat(result.stderrText()).contains("JAVA_HOME").contains(home.toString());
  }

  @Test
  void oldJava_isSaidBeforeAnythingIsBuilt() throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Path java = Files.createFile(home.resolve("bin/java"));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");

    ProcessResult result = run();

    assertThat(result.status().code()).hasValue(125);
    assertThat(result.stderrText()).contains("Java 11", "JDK 17 or newer").doesNotContain("build");
  }

  private ProcessResult run() {
    return Command.of(Path.of("run").toAbsolutePath().toString())
        .env("JAVA_HOME", home.toString())
        .success(ExitPolicy.any())
        .output()
        .blockOptional(ExampleJvm.DEADLINE)
        .orElseThrow();
  }
}
