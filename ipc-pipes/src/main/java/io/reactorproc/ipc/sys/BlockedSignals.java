/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Which signals all threads of this JVM block, by {@code proc(5)}. Only those are sure to be left
 * for a signalfd: a signal to the process goes to any thread that does not block it, and HotSpot
 * unblocks SIGHUP, SIGINT and SIGTERM in each new thread unless it was started with {@code -Xrs}.
 */
public final class BlockedSignals {
  private static final Path PROCESS = Path.of("/proc/self");
  private static final String FIELD = "SigBlk:";

  private BlockedSignals() {}

  /**
   * The signals, as of now: bit {@code n-1} stands for signal {@code n}. Reads a small file, and
   * one for each thread where the first thread blocks any, so it is for a start and not for a hot
   * path.
   *
   * @throws UncheckedIOException if {@code /proc} cannot be read
   */
  public static long inEveryThread() {
    try {
      // The first thread has what the JVM was started with, mostly nothing: then it is known.
      long blocked = blocked(PROCESS);
      if (blocked == 0) {
        return 0;
      }
      try (DirectoryStream<Path> threads = Files.newDirectoryStream(PROCESS.resolve("task"))) {
        for (Path thread : threads) {
          blocked &= blocked(thread);
        }
      }
      return blocked;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the signal masks of this JVM's threads", e);
    }
  }

  private static long blocked(Path thread) throws IOException {
    try {
      for (String line : Files.readAllLines(thread.resolve("status"))) {
        if (line.startsWith(FIELD)) {
          return Long.parseUnsignedLong(line.substring(FIELD.length()).strip(), 16);
        }
      }
      throw new IOException("no SigBlk in " + thread.resolve("status"));
    } catch (NoSuchFileException e) {
      return -1; // the thread ended meanwhile: it blocks nothing that matters
    }
  }
}
