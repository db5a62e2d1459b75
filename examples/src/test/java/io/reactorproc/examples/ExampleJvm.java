/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ProcessResult;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The examples in a JVM of their own, as ./examples/run starts them, run by the library itself. */
final class ExampleJvm {
  static final Duration DEADLINE = Duration.ofSeconds(60);

  private ExampleJvm() {}

  /** The command line of a JVM that runs an example. */
  static List<String> commandLine(String... arguments) {
    List<String> argv = new ArrayList<>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--"))
        .forEach(argv::add); // the permissions that this JDK wants to be given
    argv.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    argv.add(System.getProperty("java.class.path"));
    argv.add(Examples.class.getName());
    argv.addAll(List.of(arguments));
    return argv;
  }

  /** An example, whatever its status. */
  static Command command(String... arguments) {
    return Command.of(commandLine(arguments)).success(ExitPolicy.any());
  }

  /** Runs an example to its end. */
  static ProcessResult run(String... arguments) {
    return command(arguments).output().blockOptional(DEADLINE).orElseThrow();
  }
}
