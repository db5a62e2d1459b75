/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import io.reactorproc.cgroup.CgroupException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the directory of this process in the hierarchy of version 2, wherever that is mounted:
 * {@code /sys/fs/cgroup}, a directory below it beside those of version 1, or elsewhere. See {@code
 * proc_pid_mountinfo(5)} and {@code cgroups(7)}.
 */
final class CgroupMounts {
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final Path MEMBERSHIP = Path.of("/proc/self/cgroup");
  private static final int ROOT = 3;
  private static final int MOUNT_POINT = 4;

  private CgroupMounts() {}

  static Path ofThisProcess() throws CgroupException {
    try {
      // Paths may hold any byte; each becomes one char, and UTF-8 again at the end.
      return find(
          Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1),
          Files.readAllLines(MEMBERSHIP, StandardCharsets.ISO_8859_1));
    } catch (CgroupException e) {
      throw e;
    } catch (IOException e) {
      throw new CgroupException(Reason.SYSTEM, "the cgroup of this process is not told", e);
    }
  }

  /** From the lines of the two files. */
  static Path find(List<String> mounts, List<String> membership) throws CgroupException {
    String own = own(membership);
    String best = null;
    boolean mounted = false;
    for (String mount : mounts) {
      List<String> fields = Arrays.asList(mount.split(" ", -1));
      int separator = fields.indexOf("-");
      if (separator < 0
          || separator + 1 >= fields.size()
          || !fields.get(separator + 1).equals("cgroup2")) {
        continue;
      }
      mounted = true;
      String below = below(unescape(fields.get(ROOT)), own);
      if (below != null) {
        best = unescape(fields.get(MOUNT_POINT)) + below; // the last one lies over the others
      }
    }
    if (best != null) {
      return Path.of(new String(best.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
          .normalize();
    }
    throw new CgroupException(
        Reason.NO_HIERARCHY,
        mounted
            ? "the cgroup of this process, " + own + ", is outside of what is mounted"
            : "no hierarchy of cgroup version 2 is mounted",
        null);
  }

  private static String own(List<String> membership) throws CgroupException {
    for (String line : membership) {
      if (line.startsWith("0::")) {
        return line.substring("0::".length());
      }
    }
    throw new CgroupException(
        Reason.NO_HIERARCHY, "the kernel has no hierarchy of cgroup version 2", null);
  }

  /** The way from the root of a mount to the cgroup; null where it is not below that root. */
  private static @Nullable String below(String root, String own) {
    if (root.equals("/")) {
      return own.startsWith("/..") ? null : own; // outside of this cgroup namespace
    }
    return own.equals(root) || own.startsWith(root + "/") ? own.substring(root.length()) : null;
  }

  /** Blank, tab, newline and backslash are three octal digits in this file. */
  private static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder plain = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length()) {
        plain.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }
}
