/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import jnr.constants.platform.Errno;

/**
 * The seam to the kernel's side of one child's life: learns of the exit, reaps, and signals as long
 * as the child is not reaped. On the loop.
 */
interface ExitWatch {
  /** Gets the one result of {@code waitid(2)}, on the loop. */
  interface Listener {
    /**
     * The child has ended and is not reaped yet, so that its pid and its process group are still
     * its own. Not called where somebody else reaped it.
     */
    default void onGoing() {}

    void onExit(WaitResult result);
  }

  /** Begins to watch; an exit of before is reported, too, and never within this call. */
  void start(Listener listener) throws SystemCallException;

  /** An output of the child has ended, which often means that the child is gone. */
  default void outputEnded() {}

  /** Ends the watching without a report and without a reap. */
  void stop();

  /** Signals the child; false where it is gone. */
  boolean signal(int signal) throws SystemCallException;

  /** Takes a stop or a continuation of the child, if there is one to report. */
  WaitResult takeJobChange();

  /** Makes the watch of a child that has just been spawned; on the spawner thread. */
  interface Factory {
    /**
     * Makes the watch.
     *
     * @throws SystemCallException where no pidfd can be had; the caller ends the child then
     */
    ExitWatch watch(Kernel kernel, IoEventLoop loop, int pid) throws SystemCallException;

    /** By what the machine can do. */
    static Factory of(Capabilities capabilities) {
      return capabilities.pidfd() ? pidfd() : timed();
    }

    static Factory pidfd() {
      return (kernel, loop, pid) -> {
        int pidfd;
        try {
          pidfd = ReserveDescriptor.pidfdOpen(kernel, pid);
        } catch (SystemCallException e) {
          if (e.is(Errno.ESRCH)) {
            // The child has ended already and somebody else took its status. It did run: that is
            // for the watch to find out and report.
            return new TimedWatch(kernel, loop, pid);
          }
          throw e;
        }
        return new PidfdWatch(kernel, loop, Descriptor.own(kernel, pidfd));
      };
    }

    static Factory timed() {
      return TimedWatch::new;
    }
  }
}
