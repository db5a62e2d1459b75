/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a shell makes of a line is what {@link Shell} makes of it. */
class ComparisonTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PATH", "/usr/local/bin:/usr/bin:/bin",
          "LC_ALL", "C.UTF-8",
          "HOME", "/home/me",
          "A", "a",
          "TWO", "x  y",
          "PAD", " p ",
          "EMPTY", "",
          "GLOB", "*.c",
          "Q", "it's",
          "N", "3");

  @TempDir Path parent;

  static List<Comparison> comparisons() {
    return Comparison.all();
  }

  /** What can be seen of a run. */
  private record Seen(String stdout, String stderr, int status, Map<String, String> files) {}

  @ParameterizedTest(name = "{0}")
  @MethodSource("comparisons")
  void shellAndScript_doTheSame(Comparison comparison) throws IOException {
    String shell = comparison.isForBash() ? "/bin/bash" : "/bin/sh";
    assumeTrue(Files.isExecutable(Path.of(shell)), shell + " is not installed");
    Path directory = parent.resolve("work");

    prepare(directory);
    Seen expected = bySh(shell, comparison, directory);
    clear(directory);
    prepare(directory);
    Seen seen = byScript(comparison, directory);

    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void thereAreManyAndEachHasItsName() {
    List<Comparison> all = Comparison.all();

    assertThat(all).hasSizeGreaterThan(150);
    assertThat(new HashSet<>(all.stream().map(Comparison::name).toList())).hasSameSizeAs(all);
  }

  private static Seen bySh(String shell, Comparison comparison, Path directory) {
    ProcessResult result =
        Command.of(shell, "-c", comparison.script())
            .clearEnv()
            .env(ENVIRONMENT)
            .directory(directory)
            .success(ExitPolicy.any())
            .output()
            .blockOptional(DEADLINE)
            .orElseThrow();
    return new Seen(
        result.stdoutText(),
        comparison.shellComplains() ? "" : result.stderrText(),
        result.status().shellStatus().orElseThrow(),
        files(directory, comparison));
  }

  private static Seen byScript(Comparison comparison, Path directory) {
    ScriptResult result =
        Shell.sh(comparison.script())
            .clearEnv()
            .env(ENVIRONMENT)
            .directory(directory)
            .success(any -> true)
            .output()
            .blockOptional(DEADLINE)
            .orElseThrow();
    if (comparison.shellComplains() && result.stderr().length == 0) {
      assertThat(files(directory, comparison)).as("stderr, or where it went").isNotEmpty();
    }
    return new Seen(
        result.stdoutText(),
        comparison.shellComplains() ? "" : result.stderrText(),
        result.status(),
        files(directory, comparison));
  }

  private static void prepare(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("d/sub"));
    write(directory, "lines", "b\na\nc\na\n");
    write(directory, "numbers", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
    write(directory, "noexec", "#!/bin/sh\necho no\n");
    write(directory, "run", "#!/bin/sh\necho ran\n");
    for (String name :
        List.of("empty", "d/one", "d/two", "d/sub/three", "a.c", "b.c", "a.h", "x y", ".hidden")) {
      write(directory, name, "");
    }
    assertThat(directory.resolve("run").toFile().setExecutable(true)).isTrue();
  }

  private static void write(Path directory, String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }

  /** Names and contents; of a complaint in a file only that it is there. */
  private static Map<String, String> files(Path directory, Comparison comparison) {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = directory.relativize(file).toString();
        boolean isComplaint = comparison.shellComplains() && name.equals("err");
        files.put(name, isComplaint ? "" : Files.readString(file));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return files;
  }

  private static void clear(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
