/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * The seam to what a process does for others than its own children: being the parent of orphans,
 * and looking at what is there to be waited for. Nothing here blocks or takes a status.
 */
public interface ProcessDuties {
  /** Those of this process. Loads the native libraries at the first call. */
  static ProcessDuties system() {
    Native.require();
    return LinuxProcessDuties.INSTANCE;
  }

  /**
   * {@code PR_SET_CHILD_SUBREAPER}: whether orphans below this process become its children and not
   * those of pid 1. Says nothing to those below it, and ends with this process.
   */
  void setChildSubreaper(boolean subreaper) throws SystemCallException;

  /** {@code PR_GET_CHILD_SUBREAPER}. */
  boolean isChildSubreaper() throws SystemCallException;

  /**
   * {@code waitid(P_ALL, WEXITED | WNOHANG | WNOWAIT)}: whether any child has ended and is not
   * reaped. Takes nothing from anybody.
   */
  boolean hasZombie();
}
