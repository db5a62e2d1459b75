/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What a living child uses, read from {@code /proc/pid/stat} and {@code /proc/pid/status} (see
 * {@code proc(5)}).
 *
 * @param time when it was read
 * @param pid the child
 * @param state {@code R} running, {@code S} sleeping, {@code D} in I/O, {@code T} stopped, {@code
 *     Z} exited
 * @param userCpu CPU time in user mode so far, in steps of the kernel's clock tick of 10 ms
 * @param systemCpu CPU time in the kernel so far
 * @param residentBytes memory that is in RAM now
 * @param peakResidentBytes the most that was
 * @param threads the number of its threads
 */
public record ProcessSnapshot(
    Instant time,
    int pid,
    char state,
    Duration userCpu,
    Duration systemCpu,
    long residentBytes,
    long peakResidentBytes,
    int threads) {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on both architectures

  /** Fields of {@code stat} behind the command's name, counted from 0 for the state. */
  private static final int STATE = 0;

  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;
  private static final int THREADS = 17;

  static Mono<ProcessSnapshot> of(Child child) {
    return Mono.<ProcessSnapshot>create(
            sink -> {
              int pid = child.pidOrZero();
              try {
                ProcessSnapshot snapshot = pid == 0 ? null : read(pid);
                // Not reaped after the reading means that the number was the child's all the time.
                if (snapshot == null || child.pidOrZero() == 0) {
                  sink.success();
                } else {
                  sink.success(snapshot);
                }
              } catch (NoSuchFileException e) {
                sink.success();
              } catch (IOException e) {
                if (child.pidOrZero() == 0) {
                  sink.success(); // ESRCH: it went while we were reading
                } else {
                  sink.error(e);
                }
              }
            })
        .subscribeOn(Schedulers.boundedElastic());
  }

  private static ProcessSnapshot read(int pid) throws IOException {
    Path directory = Path.of("/proc", Integer.toString(pid));
    String stat = Files.readString(directory.resolve("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    List<String> status = Files.readAllLines(directory.resolve("status"));
    return new ProcessSnapshot(
        Instant.now(),
        pid,
        fields[STATE].charAt(0),
        Duration.ofNanos(Long.parseLong(fields[USER_TICKS]) * NANOS_PER_TICK),
        Duration.ofNanos(Long.parseLong(fields[SYSTEM_TICKS]) * NANOS_PER_TICK),
        kibibytes(status, "VmRSS:"),
        kibibytes(status, "VmHWM:"),
        Integer.parseInt(fields[THREADS]));
  }

  /** A zombie has no memory and no such line: 0. */
  private static long kibibytes(List<String> status, String key) {
    for (String line : status) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.substring(key.length()).replace("kB", "").strip()) * 1024;
      }
    }
    return 0;
  }
}
