/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Descriptor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the processes that hold a pipe or a terminal open, by the links in {@code /proc/pid/fd}: as
 * far as this user may read them. Blocks; only asked when an output is given up.
 */
final class PipeHolders {
  private static final Logger LOG = LoggerFactory.getLogger(PipeHolders.class);
  private static final Path PROC = Path.of("/proc");

  private PipeHolders() {}

  static List<Integer> of(Descriptor end) {
    try {
      return of(Files.readSymbolicLink(PROC.resolve("self/fd/" + end.number())));
    } catch (IOException e) {
      LOG.debug("the holders of a pipe cannot be found", e);
      return List.of();
    }
  }

  /** Of what has this name in the lists of descriptors. */
  static List<Integer> of(Path pipe) {
    List<Integer> holders = new ArrayList<>();
    try {
      long self = ProcessHandle.current().pid();
      try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
        for (Path process : processes) {
          int pid = Integer.parseInt(process.getFileName().toString());
          if (pid != self && holds(process.resolve("fd"), pipe)) {
            holders.add(pid);
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("the holders of a pipe cannot be found", e);
    }
    return holders;
  }

  private static boolean holds(Path descriptors, Path pipe) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(descriptors)) {
      for (Path entry : entries) {
        if (isLinkTo(entry, pipe)) {
          return true;
        }
      }
    } catch (IOException e) {
      LOG.trace("not ours to read, or gone: {}", descriptors, e);
    }
    return false;
  }

  private static boolean isLinkTo(Path entry, Path pipe) {
    try {
      return Files.readSymbolicLink(entry).equals(pipe);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
