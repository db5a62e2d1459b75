/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Another JVM with this class path, in which a test main runs: for what only a fresh one shows. */
public final class ChildJvm {
  private static final long MOST_SECONDS = 60;

  private ChildJvm() {}

  /** What a JVM that has ended left. */
  public record Outcome(int exitCode, String stdout, String stderr) {
    /** Fails with its output unless it ended with 0. */
    public Outcome expectSuccess() {
      assertThat(exitCode).as(stdout + stderr).isZero();
      return this;
    }
  }

  /** The argument vector that runs {@code main} in a JVM of the same kind as this one. */
  public static List<String> argv(List<String> options, Class<?> main, String... arguments) {
    List<String> argv = new ArrayList<>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
    if (Runtime.version().feature() >= 22) {
      argv.add("--enable-native-access=ALL-UNNAMED");
    }
    argv.addAll(options);
    argv.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    argv.addAll(List.of(arguments));
    return argv;
  }

  /**
   * Starts it from a shell that first does what {@code prelude} says and then becomes the JVM; a
   * build in the background hands down ignored signals, which a shell cannot undo, so env does.
   */
  public static Process start(
      String prelude, List<String> options, Class<?> main, String... arguments) throws IOException {
    List<String> argv = new ArrayList<>(List.of("env", "--default-signal"));
    argv.addAll(List.of("sh", "-c", prelude + " exec \"$@\"", "sh"));
    argv.addAll(argv(options, main, arguments));
    return new ProcessBuilder(argv).start();
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Runs it to its end. */
  public static Outcome run(
      String prelude, List<String> options, Class<?> main, String... arguments) throws Exception {
    Process process = start(prelude, options, main, arguments);
    try {
      process.getOutputStream().close();
      Future<String> stderr =
          ForkJoinPool.commonPool().submit(() -> text(process.getErrorStream()));
      String stdout = text(process.getInputStream());
      assertThat(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).as("the JVM ended").isTrue();
      return new Outcome(process.exitValue(), stdout, stderr.get(MOST_SECONDS, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
