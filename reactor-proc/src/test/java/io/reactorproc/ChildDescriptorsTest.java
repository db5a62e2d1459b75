/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A child has exactly the descriptors that its command declares. */
class ChildDescriptorsTest {
  private static final Command SLEEP = Command.of("sleep", "1000");
  private static final int O_NONBLOCK = 04000;
  private static final int O_ACCMODE = 3;

  @TempDir Path directory;

  @Test
  void childWithoutMore_hasThreeDescriptors() {
    whileRunning(
        SLEEP.stdin(Stdin.pipe()),
        pid ->
            assertThat(Proc.descriptors(pid))
                .containsOnlyKeys(0, 1, 2)
                .allSatisfy((fd, target) -> assertThat(target).startsWith("pipe:[")));
  }

  @Test
  void emptyInputAndDiscardedOutput_areTheNullDevice() {
    whileRunning(
        SLEEP.stdout(Output.discard()).stderr(Output.discard()),
        pid ->
            assertThat(Proc.descriptors(pid))
                .isEqualTo(Map.of(0, "/dev/null", 1, "/dev/null", 2, "/dev/null")));
  }

  @Test
  void mergedStderr_isTheSamePipeAsStdout() {
    whileRunning(
        SLEEP.mergeStderr(),
        pid -> {
          Map<Integer, String> descriptors = Proc.descriptors(pid);
          assertThat(descriptors.get(2)).startsWith("pipe:[").isEqualTo(descriptors.get(1));
        });
  }

  @Test
  void endsOfTheChild_blockAndHaveTheirDirection() {
    whileRunning(
        SLEEP.stdin(Stdin.pipe()).input(40, Stdin.pipe()).output(41, Output.standard()),
        pid -> {
          for (int fd : Proc.descriptors(pid).keySet()) {
            int flags = flags(pid, fd);
            assertThat(flags & O_NONBLOCK).as("O_NONBLOCK of %s", fd).isZero();
            assertThat(flags & O_ACCMODE).as("mode of %s", fd).isEqualTo(isRead(fd) ? 0 : 1);
          }
        });
  }

  private static boolean isRead(int fd) {
    return fd == 0 || fd == 40;
  }

  @Test
  void inheritableDescriptorsOfTheJvm_stayInTheJvm() {
    POSIX posix = POSIXFactory.getNativePOSIX();
    List<Integer> inheritable = new ArrayList<>();
    try {
      int first = posix.dup(1);
      inheritable.add(first);
      for (int least : new int[] {250, 300, 1000}) {
        inheritable.add(posix.dup2(first, freeFrom(least)));
      }
      assertThat(inheritable).allMatch(Kernel.system()::isInheritable);

      whileRunning(
          SLEEP.output(100, Output.standard()),
          pid -> assertThat(Proc.descriptors(pid)).containsOnlyKeys(0, 1, 2, 100));
    } finally {
      inheritable.forEach(posix::close);
    }
  }

  private static int freeFrom(int least) {
    Set<Integer> taken = Proc.descriptors().keySet();
    return IntStream.iterate(least, n -> n + 1)
        .filter(n -> !taken.contains(n))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void descriptorsWithGaps_areTheDeclaredOnesAndNoOthers() {
    whileRunning(
        SLEEP
            .output(3, Output.standard())
            .input(9, Stdin.pipe())
            .output(10, Output.discard())
            .input(11, Stdin.file(Path.of("/etc/passwd")))
            .output(255, Output.file(directory.resolve("file"))),
        pid -> {
          Map<Integer, String> descriptors = Proc.descriptors(pid);
          assertThat(descriptors.keySet()).isEqualTo(Set.of(0, 1, 2, 3, 9, 10, 11, 255));
          assertThat(descriptors)
              .containsEntry(10, "/dev/null")
              .containsEntry(11, "/etc/passwd")
              .containsEntry(255, directory.resolve("file").toString());
        });
  }

  /** Whatever number our /dev/null has, a pipe is put over it in the child. */
  @Test
  void nullDeviceBesideManyPipes_isStillTheNullDevice() {
    Command command = SLEEP.input(255, Stdin.empty());
    for (int fd = 3; fd < 255; fd++) {
      command = command.output(fd, Output.standard());
    }

    whileRunning(
        command,
        pid -> {
          Map<Integer, String> descriptors = Proc.descriptors(pid);
          assertThat(descriptors).hasSize(256).containsEntry(255, "/dev/null");
          assertThat(Set.copyOf(descriptors.values())).hasSize(255); // 0 is /dev/null, too
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 9, 10, 11, 64, 255})
  void furtherInput_isRead(int descriptor) {
    Command command =
        Command.shell("cat <\"/proc/self/fd/$1\"")
            .args("sh", Integer.toString(descriptor))
            .input(descriptor, Stdin.text("the text"));

    assertThat(command.text().block(Limits.SOON)).isEqualTo("the text");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 9, 10, 11, 64, 255})
  void furtherOutput_isCaptured(int descriptor) {
    Command command =
        Command.shell("echo aside >\"/proc/self/fd/$1\"; echo out")
            .args("sh", Integer.toString(descriptor))
            .output(descriptor, Output.standard());

    ProcessResult result = Objects.requireNonNull(command.output().block(Limits.SOON));

    assertThat(result.output(descriptor)).asString(StandardCharsets.UTF_8).isEqualTo("aside\n");
    assertThat(result.stdoutText()).isEqualTo("out\n");
  }

  @Test
  void bothDirectionsAtOnce_carryTheirOwnBytes() {
    Command command =
        Command.shell("cat <&5 >&6; cat </proc/self/fd/77 >/proc/self/fd/200")
            .input(5, Stdin.text("five"))
            .output(6, Output.standard())
            .input(77, Stdin.text("seventy-seven"))
            .output(200, Output.standard());

    ProcessResult result = Objects.requireNonNull(command.output().block(Limits.SOON));

    assertThat(result.output(6)).asString(StandardCharsets.UTF_8).isEqualTo("five");
    assertThat(result.output(200)).asString(StandardCharsets.UTF_8).isEqualTo("seventy-seven");
  }

  static boolean isBlocking(int pid, int fd) {
    return (flags(pid, fd) & 04000) == 0;
  }

  private static int flags(int pid, int fd) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/fdinfo/" + fd)).stream()
          .filter(line -> line.startsWith("flags:"))
          .map(line -> Integer.parseInt(line.substring("flags:".length()).strip(), 8))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Starts it, looks at it once its program sleeps, and ends it. */
  static void whileRunning(Command command, Consumer<Integer> look) {
    RunningProcess running =
        Objects.requireNonNull(command.termination(Termination.kill()).start().block(Limits.SOON));
    try {
      int pid = running.pid().orElseThrow();
      // Before that the dynamic loader has descriptors of its own.
      Await.until("the program sleeps", () -> Proc.state(pid).equals(Optional.of('S')));
      look.accept(pid);
    } finally {
      running.dispose();
      running.exit().block(Limits.SOON);
    }
  }
}
