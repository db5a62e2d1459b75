/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static io.reactorproc.ChildDescriptorsTest.whileRunning;
import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What else a child starts with: signals, process group, directory. */
class ChildStateTest {
  private static final Command SLEEP = Command.of("sleep", "1000");
  private static final String NO_SIGNAL = "0000000000000000";

  @TempDir Path directory;

  /** A JVM's threads block SIGQUIT, and those of Netty or of a launcher perhaps more. */
  @Test
  void signals_areNeitherBlockedNorIgnored() {
    whileRunning(
        SLEEP,
        pid ->
            assertThat(status(pid))
                .containsEntry("SigBlk", NO_SIGNAL)
                .containsEntry("SigIgn", NO_SIGNAL)
                .containsEntry("SigCgt", NO_SIGNAL));
  }

  @Test
  void child_leadsAProcessGroupOfItsOwn() {
    whileRunning(SLEEP, pid -> assertThat(group(pid)).isEqualTo(pid));
  }

  @Test
  void inheritedProcessGroup_isTheJvms() {
    whileRunning(
        SLEEP.inheritProcessGroup(),
        pid -> assertThat(group(pid)).isEqualTo(group(Proc.self())).isNotEqualTo(pid));
  }

  @Test
  void child_staysInTheSessionOfTheJvm() {
    whileRunning(SLEEP, pid -> assertThat(statField(pid, 3)).isEqualTo(statField(Proc.self(), 3)));
  }

  @Test
  void directory_isTheWorkingDirectory() throws IOException {
    Path real = directory.toRealPath();

    whileRunning(SLEEP.directory(directory), pid -> assertThat(cwd(pid)).isEqualTo(real));
  }

  @Test
  void directoryByDefault_isTheJvms() {
    whileRunning(SLEEP, pid -> assertThat(cwd(pid)).isEqualTo(cwd(Proc.self())));
  }

  private static Path cwd(int pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int group(int pid) {
    return statField(pid, 2);
  }

  /** A field of stat behind the name: state, parent, group, session... */
  private static int statField(int pid, int index) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[index]);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, String> status(int pid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .map(line -> line.split(":\\s*", 2))
          .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
