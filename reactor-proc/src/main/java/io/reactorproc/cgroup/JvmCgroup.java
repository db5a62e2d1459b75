/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import io.reactorproc.cgroup.CgroupException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of this JVM below one place, which all its cgroups there are in: one {@code
 * cgroup.kill} reaches them all, and its name tells who left it. Made with the first cgroup,
 * removed at the end of the JVM; what JVMs left that died is removed by the next, where nobody
 * lives in it. Any thread.
 */
final class JvmCgroup {
  private static final Logger LOG = LoggerFactory.getLogger(JvmCgroup.class);
  private static final Pattern NAME = Pattern.compile("reactor-proc\\.(\\d+)-(\\d+)(\\.d\\d+)?");
  private static final int START_TIME = 19;
  private static final Map<Path, JvmCgroup> ALL = new ConcurrentHashMap<>();

  private final Path place;
  private final Path path;
  private final AtomicLong last = new AtomicLong();

  private JvmCgroup(Path place) {
    this.place = place;
    long pid = ProcessHandle.current().pid();
    this.path = place.resolve("reactor-proc." + pid + "-" + startTime(pid).orElse("0"));
  }

  static JvmCgroup in(Path place) {
    return ALL.computeIfAbsent(place, JvmCgroup::begin);
  }

  private static JvmCgroup begin(Path place) {
    sweep(place);
    return new JvmCgroup(place);
  }

  /** Removes those of this JVM that are empty; at its end. */
  static void removeAll() {
    for (JvmCgroup each : ALL.values()) {
      try {
        Cgroup.remove(each.path);
      } catch (IOException e) {
        LOG.debug("{} stays", each.path, e);
      }
    }
  }

  Cgroup create() throws CgroupException {
    Path child = path.resolve(Long.toString(last.incrementAndGet()));
    try {
      try {
        Files.createDirectory(child);
      } catch (NoSuchFileException e) {
        // The first one here; or somebody saw an empty directory and tidied up.
        makeBase();
        Files.createDirectory(child);
      }
    } catch (IOException e) {
      throw failed(child, e);
    }
    return usable(new Cgroup(child, path));
  }

  Cgroup createDetached() throws CgroupException {
    Path child = path.resolveSibling(path.getFileName() + ".d" + last.incrementAndGet());
    try {
      Files.createDirectory(child);
    } catch (IOException e) {
      throw failed(child, e);
    }
    return usable(new Cgroup(child, null));
  }

  private void makeBase() throws IOException {
    try {
      Files.createDirectory(path);
    } catch (FileAlreadyExistsException e) {
      // another thread was faster
    }
  }

  private static Cgroup usable(Cgroup cgroup) throws CgroupException {
    if (!Files.exists(cgroup.directory().resolve("cgroup.kill"))) {
      cgroup.remove();
      throw new CgroupException(
          Reason.TOO_OLD, "this kernel has no cgroup.kill: Linux 5.14 is the minimum", null);
    }
    return cgroup;
  }

  private CgroupException failed(Path child, IOException cause) {
    return new CgroupException(
        cause instanceof AccessDeniedException ? Reason.NOT_WRITABLE : Reason.SYSTEM,
        "cannot make the cgroup " + child + ": " + cause + " (below " + place + ")",
        cause);
  }

  /** A directory in which somebody lives is left alone: nobody knows what that is for. */
  private static void sweep(Path place) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(place, "reactor-proc.*")) {
      for (Path each : found) {
        if (isLeft(each.getFileName().toString()) && !new Cgroup(each, null).isPopulated()) {
          Cgroup.remove(each);
        }
      }
    } catch (IOException e) {
      LOG.debug("what is left in {} stays", place, e);
    }
  }

  /** Whether the JVM that made it is gone. */
  private static boolean isLeft(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        && !startTime(Long.parseLong(matcher.group(1))).equals(Optional.of(matcher.group(2)));
  }

  /** In ticks since the machine started: with the pid, what no other process will ever have. */
  private static Optional<String> startTime(long pid) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[START_TIME]);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
