/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of the same kind and class path as this one, run to its end. */
public final class ChildJvm {
  /** What became of it: exit status and both its outputs. */
  public record Outcome(int status, String output) {}

  private static final int PATIENCE_SECONDS = 120;

  private ChildJvm() {}

  /** Runs the class's {@code main} with these options of the JVM, in this directory. */
  public static Outcome run(Path directory, Class<?> main, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    if (Runtime.version().feature() >= 23
        && options.stream().noneMatch(option -> option.contains("unsafe"))) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    if (Runtime.version().feature() >= 22
        && options.stream().noneMatch(option -> option.contains("native-access"))) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(options);
    command.add(main.getName());
    try {
      Path output = Files.createTempFile("child-jvm", ".out");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("CLASSPATH", System.getProperty("java.class.path"));
        environment.remove("JAVA_TOOL_OPTIONS");
        Process jvm = builder.start();
        if (!jvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          jvm.destroyForcibly().waitFor();
          throw new AssertionError("the JVM did not end: " + Files.readString(output));
        }
        return new Outcome(jvm.exitValue(), Files.readString(output));
      } finally {
        Files.delete(output);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
