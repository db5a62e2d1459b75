/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

import io.reactorproc.ChildInfo;
import io.reactorproc.ChildListener;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The children of this project that are not reaped, and by what their descendants are known: the
 * process groups that were made for them, as long as anybody is in one, and their cgroups. Any
 * thread.
 */
final class OwnProcesses implements ChildListener {
  private final Kernel kernel;
  private final Set<Integer> children = ConcurrentHashMap.newKeySet();
  private final Set<Integer> groups = ConcurrentHashMap.newKeySet();

  /** The names of the directories that all cgroups of this JVM are below. */
  private final Set<String> bases = ConcurrentHashMap.newKeySet();

  OwnProcesses(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void placing(Cgroup cgroup) {
    // A detached one has no base, and is a name of its own.
    bases.add(cgroup.base().orElse(cgroup.directory()).getFileName().toString());
  }

  @Override
  public void started(ChildInfo child) {
    children.add(child.pid());
    if (child.group() != 0) {
      groups.add(child.group());
    }
  }

  @Override
  public void ended(ChildInfo child) {
    children.remove(child.pid());
    forgetIfEmpty(child.group());
  }

  /** Whether it is a child of this project that is not reaped. */
  boolean isChild(int pid) {
    return children.contains(pid);
  }

  /**
   * Whether a process that is none of those children descends from one. A child that anybody else
   * in this JVM starts is in the JVM's group, or leads one, and is in the JVM's cgroup: it cannot
   * be in a group that another process leads and that was made here.
   */
  boolean isDescendant(Zombie zombie) {
    return (zombie.group() != zombie.pid() && groups.contains(zombie.group()))
        || zombie.cgroup().filter(this::isOurs).isPresent();
  }

  private boolean isOurs(String cgroup) {
    for (String name : cgroup.split("/", -1)) {
      if (bases.contains(name)) {
        return true;
      }
    }
    return false;
  }

  /** Forgets groups that nobody is in, not even a zombie: the numbers are free. */
  void prune() {
    groups.forEach(this::forgetIfEmpty);
  }

  private void forgetIfEmpty(int group) {
    try {
      if (group != 0 && !kernel.kill(-group, 0)) {
        groups.remove(group);
      }
    } catch (SystemCallException e) {
      // EPERM: somebody is there
    }
  }
}
