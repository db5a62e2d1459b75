/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code /proc/PID/stat} tells of a process: see {@code proc(5)}. */
final class ProcStat {
  private ProcStat() {}

  /** One letter: {@code T} for stopped. */
  static String state(int pid) {
    return fields(pid)[0];
  }

  static int group(int pid) {
    return Integer.parseInt(fields(pid)[2]);
  }

  static int session(int pid) {
    return Integer.parseInt(fields(pid)[3]);
  }

  /** Whether this JVM catches a signal now. */
  static boolean isCaught(int signal) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("SigCgt:")) {
          long mask = Long.parseUnsignedLong(line.substring("SigCgt:".length()).strip(), 16);
          return (mask & (1L << (signal - 1))) != 0;
        }
      }
      throw new AssertionError("no SigCgt");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String[] fields(int pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
