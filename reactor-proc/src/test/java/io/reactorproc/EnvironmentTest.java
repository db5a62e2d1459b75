/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.StringBlock;
import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which variables a child has. */
class EnvironmentTest {
  private static final Command ENV = Command.of("env", "-0");

  @Test
  void environmentOfTheJvm_isInherited() {
    assertThat(variables(ENV)).containsAllEntriesOf(System.getenv());
  }

  @Test
  void setVariable_isAddedToTheInheritedOnes() {
    assertThat(variables(ENV.env("REACTOR_PROC_TEST", "é = x")))
        .containsAllEntriesOf(System.getenv())
        .containsEntry("REACTOR_PROC_TEST", "é = x");
  }

  @Test
  void setVariable_takesThePlaceOfAnInheritedOneAndOfAnEarlierOne() {
    List<String> entries = entries(ENV.env("PATH", "/bin").env("PATH", "/usr/bin:/bin"));

    assertThat(entries.stream().filter(entry -> entry.startsWith("PATH=")))
        .containsExactly("PATH=/usr/bin:/bin");
  }

  @Test
  void removedVariable_isGone() {
    assertThat(variables(ENV.env("A", "1").env("B", "2").withoutEnv("A").withoutEnv("PATH")))
        .doesNotContainKeys("A", "PATH")
        .containsEntry("B", "2");
  }

  @Test
  void clearedEnvironment_hasOnlyWhatIsSetAfterwards() {
    assertThat(entries(ENV.env("A", "1").clearEnv().env("B", "2").env("C", "")))
        .containsExactly("B=2", "C=");
  }

  @Test
  void emptyEnvironment_isEmpty() {
    assertThat(entries(ENV.clearEnv())).isEmpty();
  }

  @Test
  void map_setsAllItsVariables() {
    assertThat(variables(ENV.clearEnv().env(Map.of("A", "1", "B", "2"))))
        .containsExactlyInAnyOrderEntriesOf(Map.of("A", "1", "B", "2"));
  }

  @Test
  void inheritedBytesThatAreNoText_arePassedOnAsTheyAre(@TempDir Path directory) throws Exception {
    List<byte[]> given =
        List.of(raw("PLAIN=1"), raw("RAW=\u00ff\u00fe\u0080"), raw("N\u00e9=\u00c3"), raw("E="));

    String seen = environmentThroughAJvm(given, directory);

    assertThat(seen.split("\0", -1))
        .contains("PLAIN=1", "RAW=\u00ff\u00fe\u0080", "N\u00e9=\u00c3", "E=");
  }

  @Test
  void inheritedDuplicate_isResolvedToTheFirst(@TempDir Path directory) throws Exception {
    List<byte[]> given = List.of(raw("TWICE=first"), raw("TWICE=second"));

    String seen = environmentThroughAJvm(given, directory);

    assertThat(seen.split("\0", -1)).contains("TWICE=first").doesNotContain("TWICE=second");
  }

  @Test
  void directoryOfPathThatIsNoText_isSearched(@TempDir Path directory) throws Exception {
    // Made by a shell: Java cannot say this name in every locale.
    Command.shell("d=$(printf '%s/\\377' \"$0\"); mkdir \"$d\" && cp /bin/env \"$d/raw-env\"")
        .args(directory.toString())
        .output()
        .block(Limits.SOON);
    byte[] path = raw("PATH=" + directory + "/\u00ff");

    assertThat(environmentThroughAJvm(List.of(path), directory, "raw-env")).contains("PATH=");
  }

  /** A JVM with exactly this environment, which runs env. */
  static final class EnvInJvm {
    private EnvInJvm() {}

    public static void main(String[] program) {
      Command env =
          Command.of(program[0], "-0").stdout(Output.inherit()).success(ExitPolicy.zero());
      System.exit(env.exit().blockOptional(Limits.SOON).isPresent() ? 0 : 1);
    }
  }

  private static String environmentThroughAJvm(List<byte[]> environment, Path directory)
      throws Exception {
    return environmentThroughAJvm(environment, directory, "/usr/bin/env");
  }

  /** Started by the kernel itself, as neither the JDK nor we would make such an environment. */
  private static String environmentThroughAJvm(
      List<byte[]> environment, Path directory, String program) throws Exception {
    Kernel kernel = Kernel.system();
    Path result = directory.resolve("environment");
    Files.createFile(result);
    int file = kernel.open(Strings.cPath(result), 1, 0, "write the result");
    List<String> argv = ChildJvm.argv(List.of(), EnvInJvm.class, program);
    int pid =
        kernel.spawn(
            new SpawnRequest(
                ExecutableLookup.cString(argv.get(0)),
                StringBlock.of(argv),
                StringBlock.ofBytes(environment),
                null,
                new int[] {file},
                new int[] {1},
                SpawnRequest.Group.OWN),
            new SpawnArena());
    kernel.close(file);
    List<WaitResult> exit = new ArrayList<>();
    Await.until(
        "the JVM ended",
        () -> {
          WaitResult now = kernel.waitFor(false, pid, WaitResult.EXITED);
          return now.kind() != WaitResult.Kind.NOTHING && exit.add(now);
        });
    assertThat(exit.get(0).value()).isZero();
    return new String(Files.readAllBytes(result), StandardCharsets.ISO_8859_1);
  }

  private static byte[] raw(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Map<String, String> variables(Command command) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String entry : entries(command)) {
      int equals = entry.indexOf('=');
      variables.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
    return variables;
  }

  private static List<String> entries(Command command) {
    String text = Objects.requireNonNull(command.text().block(Limits.SOON));
    return text.isEmpty() ? List.of() : List.of(text.split("\0"));
  }
}
