/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.service.NotifySocket.Access;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Decides whether a sender may send, by the {@link NotifyAccess} of one child. */
final class SenderCheck {
  /** Deeper than any real tree of processes, in case {@code /proc} changes under the walk. */
  private static final int MOST_GENERATIONS = 256;

  private static final int NO_PROCESS = 0;

  private final NotifyAccess access;
  private final Kernel kernel;
  private final int child;
  private final int ownGroup;

  /** That of the child, as it was last seen. On the loop. */
  private int group;

  /** What the service has said it is. On the loop. */
  private int mainPid = NO_PROCESS;

  SenderCheck(NotifyAccess access, Kernel kernel, int child) {
    this.access = access;
    this.kernel = kernel;
    this.child = child;
    this.ownGroup = kernel.processGroup(0);
    this.group = child;
  }

  /** From now on this process is as good as the child. On the loop. */
  void trust(int pid) {
    mainPid = pid;
  }

  /** On the loop. */
  Access check(NotifySender sender) {
    int pid = sender.pid();
    if (pid != NO_PROCESS && (pid == child || pid == mainPid)) {
      return Access.YES;
    }
    if (access.matches(sender)) {
      return Access.YES;
    }
    if (pid == NO_PROCESS) {
      return Access.NO;
    }
    if (access.includesGroup() && isInGroup(pid)) {
      return Access.YES;
    }
    return access.includesDescendants() ? Access.ASK : Access.NO;
  }

  private boolean isInGroup(int pid) {
    int current = kernel.processGroup(child);
    if (current > 0) {
      group = current;
    }
    return group != ownGroup && kernel.processGroup(pid) == group;
  }

  /** Whether the child is among its ancestors. Reads {@code /proc}; any thread but the loop. */
  boolean isDescendant(NotifySender sender) {
    int pid = sender.pid();
    for (int i = 0; i < MOST_GENERATIONS && pid > 1; i++) {
      if (pid == child) {
        return true;
      }
      pid = parent(pid);
    }
    return false;
  }

  /** The fourth field of {@code stat}; the second is a name, which may hold anything. */
  private static int parent(int pid) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", 3)[1]);
    } catch (IOException | RuntimeException gone) {
      return NO_PROCESS;
    }
  }
}
