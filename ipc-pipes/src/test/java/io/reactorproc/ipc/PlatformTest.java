/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.ChildJvm.Outcome;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.UnsupportedPlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** What a JVM says where the machine, or a switch, does not give all: each in a JVM of its own. */
final class PlatformTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  private Outcome run(String... options) {
    return ChildJvm.run(directory, Describe.class, List.of(options));
  }

  /** The program of these tests: uses the native side twice, and tells what came of it. */
  static final class Describe {
    private Describe() {}

    public static void main(String[] args) {
      for (int attempt = 1; attempt <= 2; attempt++) {
        try {
          Pipe.open().close();
          EventLoops.shared();
          System.out.println("found: " + Capabilities.get().describe());
        } catch (UnsupportedPlatformException refused) {
          System.out.println("refused: " + refused.getMessage());
        } catch (Throwable other) {
          System.out.println("other: " + other);
        }
      }
      try {
        EventLoops.shared();
      } catch (Throwable refused) {
        System.out.println("loops: " + refused.getClass().getSimpleName());
      }
    }

    private static List<String> lines(Outcome outcome, String prefix) {
      return outcome.output().lines().filter(line -> line.startsWith(prefix)).toList();
    }
  }

  @Test
  void thisMachine_isDescribedInOneLine() {
    assertThat(Describe.lines(run(), "found: "))
        .hasSize(2)
        .allSatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "found: kernel \\S+, .*libc.*, exits by .*, descriptors closed by .*"));
  }

  @Test
  void withoutPidfdAndClosefrom_theFallbacksAreTaken() {
    assertThat(Describe.lines(run("-Dio.reactorproc.without=pidfd,closefrom"), "found: "))
        .hasSize(2)
        .allSatisfy(
            line -> assertThat(line).contains("by timed waitid").contains("closed by listing"));
  }

  @Test
  void strict_refusesAFallbackEveryTime() {
    Outcome outcome = run("-Dio.reactorproc.without=pidfd", "-Dio.reactorproc.strict=true");

    assertThat(Describe.lines(outcome, "refused: "))
        .hasSize(2)
        .allSatisfy(
            line -> assertThat(line).contains("io.reactorproc.strict").contains("timed waitid"));
    assertThat(Describe.lines(outcome, "loops: "))
        .containsExactly("loops: UnsupportedPlatformException");
  }

  @Test
  void strict_isContentWithAMachineThatHasAll() {
    assertThat(Describe.lines(run("-Dio.reactorproc.strict=true"), "found: ")).hasSize(2);
  }

  @Test
  void anotherSystem_isRefusedByName() {
    assertThat(Describe.lines(run("-Dos.name=Plan 9"), "refused: "))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("Linux only").contains("Plan 9"));
  }

  @Test
  void anotherArchitecture_isRefusedByName() {
    assertThat(Describe.lines(run("-Dos.arch=s390x"), "refused: "))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("x86_64 and aarch64").contains("s390x"));
  }

  @Test
  void aMissingTemporaryDirectory_isTheReasonGiven() {
    Outcome outcome = run("-Djava.io.tmpdir=" + directory.resolve("missing"));

    assertThat(Describe.lines(outcome, "refused: "))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("temporary directory").contains("missing"));
  }

  @Test
  void nothingIsLoadedFromTheCurrentDirectory() throws IOException {
    // jffi's way out of a temporary directory that it cannot write to; /proc is one for root, too.
    Path platform = Files.createDirectories(directory.resolve("jni/x86_64-Linux"));
    for (String name : List.of("libjffi-1.2.so", "libjffi.so", "jffi.so")) {
      Files.writeString(directory.resolve(name), "planted");
      Files.writeString(platform.resolve(name), "planted");
    }
    Outcome outcome = run("-Djava.io.tmpdir=/proc");

    assertThat(Describe.lines(outcome, "refused: "))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("java.io.tmpdir"));
    assertThat(outcome.output()).doesNotContain(directory.toString());
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).as("files that somebody unpacked here").hasSize(4);
    }
  }

  @Test
  @EnabledForJreRange(
      min = JRE.JAVA_24,
      disabledReason = "--illegal-native-access=deny came with JDK 24")
  void deniedNativeAccess_isTheReasonGiven() {
    Outcome outcome = run("--illegal-native-access=deny");

    assertThat(Describe.lines(outcome, "refused: "))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("--enable-native-access"));
  }
}
