/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the kernel says of this JVM, its children and other processes: {@code proc(5)}. */
public final class Proc {
  private static final Path PROC = Path.of("/proc");

  private Proc() {}

  /** The pid of this JVM. */
  public static int self() {
    return (int) ProcessHandle.current().pid();
  }

  /** The state letter of a process: R, S, D, T, Z...; empty if there is none of that pid. */
  public static Optional<Character> state(int pid) {
    return statFields(pid).map(fields -> fields[0].charAt(0));
  }

  /** Whether a process of that pid exists and is no zombie. */
  public static boolean isRunning(int pid) {
    return state(pid).map(state -> state != 'Z' && state != 'X').orElse(false);
  }

  /** The children of this JVM, zombies included: pid to "state name". */
  public static Map<Integer, String> children() {
    return children(self());
  }

  /** The children of a process, zombies included: pid to "state name". */
  public static Map<Integer, String> children(int parent) {
    Map<Integer, String> children = new TreeMap<>();
    String ppid = Integer.toString(parent);
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path process : processes) {
        int pid = Integer.parseInt(process.getFileName().toString());
        statFields(pid)
            .filter(fields -> fields[1].equals(ppid))
            .ifPresent(fields -> children.put(pid, fields[0] + " " + name(process)));
      }
    } catch (IOException e) {
      throw new AssertionError("/proc cannot be read", e);
    }
    return children;
  }

  /** The open descriptors of this JVM: number to what the link says, such as {@code pipe:[17]}. */
  public static Map<Integer, String> descriptors() {
    return descriptors(self());
  }

  /** The open descriptors of a process. */
  public static Map<Integer, String> descriptors(int pid) {
    Map<Integer, String> descriptors = new TreeMap<>();
    Path directory = PROC.resolve(pid + "/fd");
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        try {
          descriptors.put(
              Integer.parseInt(entry.getFileName().toString()),
              Files.readSymbolicLink(entry).toString());
        } catch (IOException closedMeanwhile) {
          // the descriptor of this very listing, or one that another thread just closed
        }
      }
    } catch (IOException e) {
      throw new AssertionError(directory + " cannot be read", e);
    }
    return descriptors;
  }

  /** The threads of this JVM as the kernel sees them: tid to name, cut to 15 characters. */
  public static Map<Integer, String> threads() {
    Map<Integer, String> threads = new TreeMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(PROC.resolve("self/task"))) {
      for (Path task : tasks) {
        threads.put(Integer.parseInt(task.getFileName().toString()), name(task));
      }
    } catch (IOException e) {
      throw new AssertionError("/proc/self/task cannot be read", e);
    }
    return threads;
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return "?";
    }
  }

  /** The fields of stat behind the name: state, parent, group, session... */
  private static Optional<String[]> statFields(int pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
