/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import io.reactorproc.cgroup.CgroupException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where children get cgroups: a directory of the hierarchy of version 2 that this process may write
 * to. An immutable value that touches nothing by itself. Each child or pipeline that is {@linkplain
 * io.reactorproc.Command#cgroup started with it} gets a directory of its own, below one directory
 * for the whole JVM:
 *
 * <pre>
 *   directory()/reactor-proc.4711-880/1     pid and start time of the JVM; a child
 *   directory()/reactor-proc.4711-880/2
 *   directory()/reactor-proc.4711-880.d3    a detached child, which outlives the JVM
 * </pre>
 *
 * <p>What may be written to is a matter of delegation: a unit of systemd with {@code Delegate=yes},
 * a container whose cgroup namespace is mounted writable, {@code systemd-run --user --scope -p
 * Delegate=yes}, or root. No controller is switched on here, so that children may live beside this
 * process; where the directory has controllers on for those below it, the kernel allows no
 * processes in the directory itself, and this process has to be one level deeper.
 */
public final class Cgroups {
  private static final Cgroups OWN = new Cgroups(null);

  private final @Nullable Path given;

  private Cgroups(@Nullable Path given) {
    this.given = given;
  }

  /** Below the cgroup that this process is in, found anew at each use. */
  public static Cgroups ofThisProcess() {
    return OWN;
  }

  /** Below this directory of the hierarchy, which must exist. */
  public static Cgroups under(Path directory) {
    return new Cgroups(Objects.requireNonNull(directory, "directory").toAbsolutePath());
  }

  /**
   * The directory.
   *
   * @throws CgroupException if this process is in no cgroup that can be reached
   */
  public Path directory() throws CgroupException {
    return given == null ? CgroupMounts.ofThisProcess() : given;
  }

  /**
   * Why no child can get a cgroup here, in words; empty where it can. Makes and removes a
   * directory: for a start and not for a hot path, nor for an event loop.
   */
  public Optional<String> unavailability() {
    try {
      Cgroup tried = create();
      tried.remove();
      return Optional.empty();
    } catch (CgroupException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Makes a cgroup that ends with this JVM, if anybody sees to that. May block.
   *
   * @throws CgroupException if that cannot be, with the reason
   */
  public Cgroup create() throws CgroupException {
    return JvmCgroup.in(checked()).create();
  }

  /** Makes a cgroup that is not below that of this JVM. May block. */
  public Cgroup createDetached() throws CgroupException {
    return JvmCgroup.in(checked()).createDetached();
  }

  /** Removes the directories of this JVM that nobody is in; at its end. May block. */
  public static void tidyUp() {
    JvmCgroup.removeAll();
  }

  private Path checked() throws CgroupException {
    Path directory = directory();
    if (!Files.isRegularFile(directory.resolve("cgroup.controllers"))) {
      throw new CgroupException(
          Reason.NO_HIERARCHY, directory + " is no cgroup of version 2", null);
    }
    // Moving a process asks for the right to write both to where it goes and to what is above both.
    if (!Files.isWritable(directory) || !Files.isWritable(directory.resolve("cgroup.procs"))) {
      throw new CgroupException(
          Reason.NOT_WRITABLE, directory + " was not delegated: it cannot be written to", null);
    }
    return directory;
  }

  @Override
  public String toString() {
    return given == null ? "Cgroups[of this process]" : "Cgroups[" + given + "]";
  }
}
