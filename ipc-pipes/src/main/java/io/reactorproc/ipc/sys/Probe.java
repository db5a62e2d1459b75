/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.kenai.jffi.Library;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import jnr.ffi.Pointer;

/** Finds out, by trying, what {@link Capabilities} reports. */
final class Probe {
  private static final String CLOSE_FROM = "posix_spawn_file_actions_addclosefrom_np";
  private static final String FOREGROUND = "posix_spawn_file_actions_addtcsetpgrp_np";
  private static final int HIGHEST_DESCRIPTOR = Integer.MAX_VALUE;

  private final Libc libc = Native.libc();
  private final List<String> without;

  private Probe(List<String> without) {
    this.without = without;
  }

  static Capabilities run() {
    Native.require();
    String without = System.getProperty("io.reactorproc.without", "");
    Capabilities found = new Probe(List.of(without.split(",", -1))).probe();
    if (!hasSymbol("posix_spawn_file_actions_addchdir_np")) {
      throw new UnsupportedPlatformException(
          found.libc() + " cannot start a child in a directory: glibc 2.29 is the minimum", null);
    }
    if (Boolean.getBoolean("io.reactorproc.strict")) {
      refuseFallbacks(found);
    }
    return found;
  }

  private Capabilities probe() {
    return new Capabilities(
        System.getProperty("os.version", "unknown"),
        libcVersion(),
        !without.contains("pidfd") && pidfd(),
        !without.contains("closefrom") && hasSymbol(CLOSE_FROM),
        !without.contains("tcsetpgrp") && hasSymbol(FOREGROUND),
        call(Layout.SYS_CLOSE_RANGE, HIGHEST_DESCRIPTOR, HIGHEST_DESCRIPTOR) == 0,
        !without.contains("memfd") && memoryFiles(),
        isCgroup2Mounted(),
        BlockedSignals.inEveryThread());
  }

  private static void refuseFallbacks(Capabilities found) {
    boolean complete =
        found.pidfd() && found.closeFrom() && found.foreground() && found.memoryFiles();
    if (!complete) {
      throw new UnsupportedPlatformException(
          "io.reactorproc.strict allows no fallback, and one would be needed: " + found.describe(),
          null);
    }
  }

  /** Opens a pidfd of this very process and tries the three calls on it. */
  private boolean pidfd() {
    int self = Native.posix().getpid();
    int pidfd = (int) call(Layout.SYS_PIDFD_OPEN, self, 0);
    if (pidfd < 0) {
      return false;
    }
    try {
      return call(Layout.SYS_PIDFD_SEND_SIGNAL, pidfd, 0) == 0 && waitKnowsPidfds(pidfd);
    } finally {
      libc.close(pidfd);
    }
  }

  /** We are not our own child: a kernel that knows P_PIDFD says ECHILD, an older one EINVAL. */
  private boolean waitKnowsPidfds(int pidfd) {
    int options = WaitResult.EXITED | WaitResult.NO_HANG;
    long result = libc.syscall(Layout.SYS_WAITID, Layout.P_PIDFD, pidfd, 0, options, 0, 0);
    return result < 0 && Native.runtime().getLastError() == Errno.ECHILD.intValue();
  }

  /** Wherever that is: beside the hierarchies of version 1 it is often a directory below. */
  private static boolean isCgroup2Mounted() {
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"), ISO_8859_1)) {
      return mounts.anyMatch(mount -> mount.contains(" - cgroup2 "));
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  /** Makes an empty one, seals it and opens it anew. */
  private boolean memoryFiles() {
    MemoryFiles files = MemoryFiles.system();
    String purpose = "try whether there are files in memory";
    try {
      int fd = files.create(purpose);
      try {
        files.seal(fd, purpose);
        libc.close(files.reopen(fd, purpose));
        return true;
      } finally {
        libc.close(fd);
      }
    } catch (SystemCallException e) {
      return false;
    }
  }

  private long call(int number, long a, long b) {
    return libc.syscall(number, a, b, 0, 0, 0, 0);
  }

  private String libcVersion() {
    if (!hasSymbol("gnu_get_libc_version")) {
      return "a C library that is not glibc";
    }
    return "glibc " + Pointer.wrap(Native.runtime(), libc.gnu_get_libc_version()).getString(0);
  }

  private static boolean hasSymbol(String name) {
    return Library.getDefault().getSymbolAddress(name) != 0;
  }
}
