/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.List;

/**
 * Signals the process group that children share. On their loop, which is where they are reaped: as
 * long as the leader or one who is still in the group is not, not even as a zombie, the kernel
 * gives the group's number to nobody else.
 */
final class ProcessGroup {
  private static final int SIGCONT = 18;

  private ProcessGroup() {}

  /**
   * Signals the group of these children, and those of them one by one that have left it; false
   * where none of them is there any more.
   */
  static boolean signal(Kernel kernel, List<? extends Member> members, int signal)
      throws SystemCallException {
    boolean sent = false;
    int signalled = 0;
    for (Member member : members) {
      if (member.isReaped()) {
        continue;
      }
      int group = member.group();
      boolean inside = group != 0 && kernel.processGroup(member.pid()) == group;
      if (group != 0 && group != signalled && (inside || member.pid() == group)) {
        // never 0, which is none here, and our own group for kill(2)
        signalled = group;
        sent |= kernel.kill(-group, signal);
      }
      if (!inside) {
        sent |= member.signal(signal);
      } else if (signal == SIGCONT) {
        member.continueTold();
      }
    }
    return sent;
  }
}
