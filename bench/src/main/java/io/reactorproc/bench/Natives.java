/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The programs in C, compiled where there is a compiler. Without one the comparison goes on without
 * the reference and without what needs the static children.
 */
final class Natives {
  private static final List<String> REFERENCE =
      List.of("reference.c", "child.c", "spawning.c", "streaming.c", "pipelines.c", "duties.c");
  private static final List<String> STATIC =
      List.of("-static", "-nostdlib", "-fno-stack-protector", "-fno-asynchronous-unwind-tables");

  private final Path sources;
  private final Path target;
  private final Optional<String> compiler;

  /**
   * @param sources the directory of the C files
   * @param target the directory that gets the programs
   */
  Natives(Path sources, Path target) {
    this.sources = sources;
    this.target = target;
    this.compiler = List.of("cc", "gcc", "clang").stream().filter(Machine::hasProgram).findFirst();
  }

  /** Where the programs are. */
  Path directory() {
    return target;
  }

  boolean isAvailable() {
    return compiler.isPresent();
  }

  Path reference() {
    return target.resolve("reference");
  }

  /**
   * Compiles what is older than its sources.
   *
   * @throws IOException if the compiler fails, with what it wrote
   */
  void build() throws IOException, InterruptedException {
    if (compiler.isEmpty()) {
      return;
    }
    Files.createDirectories(target);
    compile("reference", REFERENCE, List.of("-Wall", "-Wextra", "-pthread"));
    compile("partner", List.of("partner.c"), List.of("-Wall", "-Wextra"));
    compile("tiny", List.of("tiny.c"), STATIC);
    compile("stamp", List.of("stamp.c"), STATIC);
  }

  private void compile(String name, List<String> files, List<String> options)
      throws IOException, InterruptedException {
    Path program = target.resolve(name);
    if (isUpToDate(program)) {
      return;
    }
    List<String> command = new ArrayList<>(List.of(compiler.orElseThrow(), "-O2"));
    command.addAll(options);
    command.addAll(List.of("-o", program.toString()));
    files.forEach(file -> command.add(sources.resolve(file).toString()));
    Path log = target.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + "\n" + Files.readString(log));
    }
  }

  private boolean isUpToDate(Path program) throws IOException {
    if (!Files.exists(program)) {
      return false;
    }
    try (var files = Files.list(sources)) {
      for (Path source : files.toList()) {
        if (Files.getLastModifiedTime(source).compareTo(Files.getLastModifiedTime(program)) > 0) {
          return false;
        }
      }
    }
    return true;
  }
}
