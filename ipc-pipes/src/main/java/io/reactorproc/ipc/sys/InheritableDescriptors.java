/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The descriptors a child would inherit, listed one by one: the fallback for C libraries without
 * {@code posix_spawn_file_actions_addclosefrom_np} (glibc before 2.34). It cannot see a descriptor
 * that another thread opens between the listing and the spawn, which is why it is only a fallback.
 */
final class InheritableDescriptors {
  private static final Path OWN_DESCRIPTORS = Path.of("/proc/self/fd");

  private InheritableDescriptors() {}

  static List<Integer> from(Kernel kernel, int least) {
    List<Integer> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(OWN_DESCRIPTORS)) {
      for (Path entry : entries) {
        int fd = Integer.parseInt(entry.getFileName().toString());
        if (fd >= least && kernel.isInheritable(fd)) {
          found.add(fd);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the descriptors a child would inherit", e);
    }
    return found;
  }
}
