/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the figures were measured on. */
final class Machine {
  private Machine() {}

  /** Whether a program is in PATH. */
  static boolean hasProgram(String name) {
    for (String directory : System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
      if (Files.isExecutable(Path.of(directory, name))) {
        return true;
      }
    }
    return false;
  }

  /** Such as "2 × Intel Xeon, 23 GiB, Linux 6.18.0". */
  static String describe() {
    return String.format(
        Locale.ROOT,
        "%d × %s (%s), %.0f GiB, Linux %s",
        Runtime.getRuntime().availableProcessors(),
        field("/proc/cpuinfo", "model name").orElse("processor"),
        System.getProperty("os.arch"),
        kib("MemTotal") / 1024.0 / 1024,
        System.getProperty("os.version"));
  }

  /** The load averages of 1, 5 and 15 minutes. */
  static String load() {
    return read("/proc/loadavg").stream()
        .map(line -> String.join(" ", List.of(line.split(" ", -1)).subList(0, 3)))
        .findFirst()
        .orElse("unknown");
  }

  static long availableBytes() {
    return kib("MemAvailable") * 1024;
  }

  /** The hard limit of open descriptors, to which JVMs and the reference raise theirs. */
  static long descriptorLimit() {
    return read("/proc/self/limits").stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.split(" +", -1)[4])
        .map(limit -> limit.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit))
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  private static long kib(String name) {
    return field("/proc/meminfo", name)
        .map(value -> Long.parseLong(value.replaceAll("[^0-9]", "")))
        .orElse(0L);
  }

  private static Optional<String> field(String file, String name) {
    return read(file).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }

  private static List<String> read(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      return List.of();
    }
  }
}
