/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One native memory for many children: what is kept of one must never be seen in the next. */
class SpawnArenaTest {
  private static final int O_WRONLY_CREATE_APPEND = 0x441;
  private static final byte[] SHELL = "/bin/sh\0".getBytes(StandardCharsets.US_ASCII);
  private static final int[] STDOUT = {1};

  private final Kernel kernel = Kernel.system();
  private final SpawnArena arena = new SpawnArena();
  @TempDir private Path directory;

  @Test
  void equalChildren_runAlike() throws IOException {
    Path file = directory.resolve("out");
    StringBlock argv = echo("same");
    StringBlock environment = StringBlock.of(List.of());

    for (int i = 0; i < 3; i++) {
      run(argv, environment, null, file);
    }

    assertThat(file).hasContent("same\nsame\nsame");
  }

  @Test
  void childrenThatDifferInOneThing_eachGetTheirOwn() throws IOException {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");
    StringBlock here = StringBlock.of(List.of("sh", "-c", "echo $X $PWD"));
    StringBlock x1 = StringBlock.of(List.of("X=1"));
    StringBlock x2 = StringBlock.of(List.of("X=2"));
    byte[] slash = "/\0".getBytes(StandardCharsets.US_ASCII);
    byte[] proc = "/proc\0".getBytes(StandardCharsets.US_ASCII);

    run(here, x1, slash, first);
    run(here, x2, slash, first);
    run(here, x2, proc, first);
    run(here, x2, proc, second);
    run(echo("other words"), x2, proc, second);
    run(here, x1, slash, first);

    assertThat(first).hasContent("1 /\n2 /\n2 /proc\n1 /");
    assertThat(second).hasContent("2 /proc\nother words");
  }

  @Test
  void failure_leavesTheMemoryUsable() throws IOException {
    Path file = directory.resolve("out");
    StringBlock none = StringBlock.of(List.of());
    byte[] missing = "/no/such/directory\0".getBytes(StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> run(echo("never"), none, missing, file))
        .isInstanceOf(SystemCallException.class);
    run(echo("yes"), none, null, file);

    assertThat(file).hasContent("yes");
  }

  @Test
  void longArgumentsAfterShortOnes_areWhole() throws IOException {
    Path file = directory.resolve("out");
    StringBlock none = StringBlock.of(List.of());
    String word = "x".repeat(100_000);

    run(echo("short"), none, null, file);
    run(echo(word), none, null, file);
    run(echo("short"), none, null, file);

    assertThat(file).hasContent("short\n" + word + "\nshort");
  }

  private static StringBlock echo(String words) {
    return StringBlock.of(List.of("sh", "-c", "echo \"$1\"", "sh", words));
  }

  /** Spawns a shell that appends to the file, and reaps it. */
  private void run(StringBlock argv, StringBlock environment, byte @Nullable [] cwd, Path file)
      throws IOException {
    byte[] path = (file + "\0").getBytes(StandardCharsets.UTF_8);
    int out = kernel.open(path, O_WRONLY_CREATE_APPEND, 0600, "write the result");
    int high = kernel.duplicate(out, 10, "clear of the child's numbers");
    try {
      SpawnRequest request =
          new SpawnRequest(
              SHELL, argv, environment, cwd, new int[] {high}, STDOUT, SpawnRequest.Group.OWN);
      int pid = kernel.spawn(request, arena);
      Await.until(
          "the child has ended and is reaped",
          () -> kernel.waitFor(false, pid, WaitResult.EXITED).kind() == WaitResult.Kind.EXITED);
    } finally {
      kernel.close(high);
      kernel.close(out);
    }
  }
}
