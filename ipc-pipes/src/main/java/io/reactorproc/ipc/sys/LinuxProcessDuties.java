/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** {@link ProcessDuties} through the C library. Stateless. */
final class LinuxProcessDuties implements ProcessDuties {
  static final LinuxProcessDuties INSTANCE = new LinuxProcessDuties();

  private final Libc libc = Native.libc();

  private LinuxProcessDuties() {}

  @Override
  public void setChildSubreaper(boolean subreaper) throws SystemCallException {
    if (libc.prctl(Layout.PR_SET_CHILD_SUBREAPER, subreaper ? 1 : 0, 0, 0, 0) < 0) {
      throw failed("prctl(PR_SET_CHILD_SUBREAPER)", "become the parent of orphans");
    }
  }

  @Override
  public boolean isChildSubreaper() throws SystemCallException {
    Pointer answer = Memory.allocateDirect(Native.runtime(), Integer.BYTES, true);
    if (libc.prctl(Layout.PR_GET_CHILD_SUBREAPER, answer.address(), 0, 0, 0) < 0) {
      throw failed("prctl(PR_GET_CHILD_SUBREAPER)", "ask who is the parent of orphans");
    }
    return answer.getInt(0) != 0;
  }

  @Override
  public boolean hasZombie() {
    Pointer info = Memory.allocateDirect(Native.runtime(), Layout.SIGINFO_SIZE, true);
    int options = WaitResult.EXITED | WaitResult.NO_HANG | WaitResult.NO_WAIT;
    long result = libc.syscall(Layout.SYS_WAITID, Layout.P_ALL, 0, info.address(), options, 0, 0);
    return result == 0 && info.getInt(Layout.SIGINFO_PID) != 0; // ECHILD: no child at all
  }

  private static SystemCallException failed(String call, String purpose) {
    return new SystemCallException(call, Native.runtime().getLastError(), purpose);
  }
}
