/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a child that writes without end waits for its reader. */
final class BackPressure {
  private BackPressure() {}

  /**
   * Returns once the process sleeps and another child, which comes and goes meanwhile, sees it
   * write no more; the answer is how many bytes it has written.
   */
  static long awaitStandstill(int pid) {
    long[] seen = {-1};
    Await.until(
        "process " + pid + " writes no more",
        () -> {
          long before = seen[0];
          seen[0] = written(pid);
          Command.of("seq", "1", "20000").lines().blockLast(Limits.SOON);
          return seen[0] == before && seen[0] > 0 && Proc.state(pid).orElse('?') == 'S';
        });
    return seen[0];
  }

  /** {@code wchar} of /proc/pid/io: what the process has passed to write. */
  static long written(int pid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/io")).stream()
          .filter(line -> line.startsWith("wchar:"))
          .mapToLong(line -> Long.parseLong(line.substring("wchar:".length()).strip()))
          .sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
