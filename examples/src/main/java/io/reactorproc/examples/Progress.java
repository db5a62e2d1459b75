/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.ProcessEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/** What a status line says of a child that runs. For one thread. */
final class Progress {
  private static final int PAGE_BYTES = 4096; // only off on arm64 kernels with larger pages
  private static final double NANOS_PER_TICK = 1e7;

  private static final int STATE = 0;
  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;
  private static final int RESIDENT_PAGES = 21;

  private long began = System.nanoTime();
  private long lines;
  private long characters;
  private int pid;
  private String state = "starting";
  private OptionalInt shellStatus = OptionalInt.empty();

  void count(ProcessEvent event) {
    if (event instanceof ProcessEvent.Line line) {
      lines++;
      characters += line.text().length() + 1L;
    } else if (event instanceof ProcessEvent.Started started) {
      pid = started.pid();
      began = System.nanoTime();
      state = "running";
    } else if (event instanceof ProcessEvent.Stopped) {
      state = "stopped";
    } else if (event instanceof ProcessEvent.Continued) {
      state = "running";
    } else if (event instanceof ProcessEvent.Exited exited) {
      pid = 0;
      state = "exited";
      shellStatus = exited.status().shellStatus();
    }
  }

  /** How many lines came so far. */
  long lines() {
    return lines;
  }

  /** What a shell would call the status; empty before the exit, and where it is lost. */
  OptionalInt shellStatus() {
    return shellStatus;
  }

  /** Such as {@code running 12,345 lines 1.2 MB 0.3 MB/s 4.01 s cpu 3.92 s mem 8.1 MB}. */
  String status() {
    double nanos = Math.max(1, System.nanoTime() - began);
    StringBuilder text = new StringBuilder(96).append(state).append("  ");
    text.append(Quantity.count(lines, "line")).append("  ");
    text.append(Quantity.bytes((double) characters)).append("  ");
    text.append(Quantity.bytes(characters / nanos * 1e9)).append("/s  ");
    text.append(Quantity.time(Duration.ofNanos((long) nanos)));
    if (pid != 0) {
      appendUsage(text);
    }
    return text.toString();
  }

  private void appendUsage(StringBuilder text) {
    String[] stat;
    try {
      String line = Files.readString(Path.of("/proc", Integer.toString(pid), "stat"));
      stat = line.substring(line.lastIndexOf(')') + 2).strip().split(" ", -1);
    } catch (IOException gone) {
      return;
    }
    if (stat[STATE].equals("Z")) {
      return; // its exit waits behind the lines that we still have to show
    }
    double ticks = Double.parseDouble(stat[USER_TICKS]) + Double.parseDouble(stat[SYSTEM_TICKS]);
    text.append("  cpu ").append(Quantity.time(Duration.ofNanos((long) (ticks * NANOS_PER_TICK))));
    text.append("  mem ");
    text.append(Quantity.bytes(Double.parseDouble(stat[RESIDENT_PAGES]) * PAGE_BYTES));
  }
}
