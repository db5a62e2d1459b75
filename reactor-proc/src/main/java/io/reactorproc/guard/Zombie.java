/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A child of this process that has ended and is not reaped, as {@code /proc} shows it.
 *
 * @param pid its number
 * @param group its process group, which it keeps as a zombie
 * @param startTime in ticks since the machine started: with the number, what no other process has
 */
record Zombie(int pid, int group, long startTime) {
  private static final Path PROC = Path.of("/proc");
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int GROUP = 2;
  private static final int START_TIME = 19;

  /** All there are now. Reads a file for each process of the machine. */
  static List<Zombie> all() throws IOException {
    List<Zombie> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path process : processes) {
        of(Integer.parseInt(process.getFileName().toString())).ifPresent(found::add);
      }
    }
    return found;
  }

  /** The process of this number, if it is a zombie of ours. */
  static Optional<Zombie> of(int pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"), ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return fields[STATE].equals("Z")
              && fields[PARENT].equals(Long.toString(ProcessHandle.current().pid()))
          ? Optional.of(
              new Zombie(pid, Integer.parseInt(fields[GROUP]), Long.parseLong(fields[START_TIME])))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // it is gone
    }
  }

  /** Whether it is still there, and still this one. */
  boolean isThere() {
    return of(pid).filter(this::equals).isPresent();
  }

  /** The cgroup of version 2 that it was in at its end. */
  Optional<String> cgroup() {
    try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/cgroup"), ISO_8859_1)) {
      String deleted = " (deleted)";
      return lines
          .filter(line -> line.startsWith("0::"))
          .map(line -> line.substring("0::".length()))
          .map(
              path ->
                  path.endsWith(deleted)
                      ? path.substring(0, path.length() - deleted.length())
                      : path)
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
