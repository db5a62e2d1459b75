/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import io.reactorproc.cgroup.CgroupException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One cgroup: a directory, and the processes in it and below it. Each method is a few calls on
 * files that may wait for the kernel's lock on the hierarchy: not for an event loop.
 */
public final class Cgroup {
  private final Path directory;
  private final @Nullable Path base;

  Cgroup(Path directory, @Nullable Path base) {
    this.directory = directory;
    this.base = base;
  }

  /** Its directory. */
  public Path directory() {
    return directory;
  }

  /** The directory of all cgroups of this JVM that this one is below; empty for a detached one. */
  public Optional<Path> base() {
    return Optional.ofNullable(base);
  }

  /** Whether a living process is in it or below it; false where it was removed. */
  public boolean isPopulated() throws CgroupException {
    try {
      return CgroupState.of(Files.readString(directory.resolve("cgroup.events"))).populated();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw failed("read the state of", e);
    }
  }

  /**
   * Kills all that is in it and below it, also what is frozen or being forked just now: {@code
   * cgroup.kill}. The processes are gone a little later.
   */
  public void kill() throws CgroupException {
    write("cgroup.kill", "1");
  }

  /** Begins to freeze it; {@link Freezer} waits until it is frozen. */
  public void freeze() throws CgroupException {
    write("cgroup.freeze", "1");
  }

  /** Lets it go on. */
  public void thaw() throws CgroupException {
    write("cgroup.freeze", "0");
  }

  private void write(String file, String text) throws CgroupException {
    try {
      Files.write(
          directory.resolve(file),
          text.getBytes(StandardCharsets.US_ASCII),
          StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      // It was removed, and nothing is left of what was in it.
    } catch (IOException e) {
      throw failed("write to " + file + " of", e);
    }
  }

  /**
   * Removes it with what is below it.
   *
   * @return false where a living process is still there, and nothing or not all was removed
   */
  public boolean remove() throws CgroupException {
    try {
      return remove(directory);
    } catch (IOException e) {
      throw failed("remove", e);
    }
  }

  /** The files in it go with the directory; only directories are removed, those below first. */
  static boolean remove(Path directory) throws IOException {
    try (DirectoryStream<Path> below =
        Files.newDirectoryStream(directory, path -> Files.isDirectory(path))) {
      for (Path each : below) {
        if (!remove(each)) {
          return false;
        }
      }
    } catch (NoSuchFileException e) {
      return true;
    }
    return removeOne(directory);
  }

  private static boolean removeOne(Path directory) throws IOException {
    boolean removed = tryToRemove(directory);
    if (removed) {
      CgroupEvents.removed(directory);
    }
    return removed;
  }

  /** EBUSY has no class of its own in the JDK: the state tells what the failure was. */
  private static boolean tryToRemove(Path directory) throws IOException {
    try {
      return Files.deleteIfExists(directory) || !Files.exists(directory);
    } catch (IOException e) {
      if (new Cgroup(directory, null).isPopulated()) {
        return false;
      }
    }
    Files.deleteIfExists(directory); // the last one has left since
    return true;
  }

  private CgroupException failed(String what, IOException cause) {
    return new CgroupException(
        Reason.SYSTEM, "cannot " + what + " the cgroup " + directory + ": " + cause, cause);
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
