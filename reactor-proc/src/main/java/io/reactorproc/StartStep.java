/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ProcessStartException.Reason;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import jnr.constants.platform.Errno;

/** The steps of a start, which tell what an error number is about. */
enum StartStep {
  FOREGROUND,
  DIRECTORY,
  EXECUTABLE,
  DESCRIPTORS,
  TERMINAL,
  REDIRECT,
  SPAWN,
  WATCH;

  ProcessStartException explain(Part part, Kernel kernel, SystemCallException failure) {
    Reason reason = reason(part, kernel, failure);
    String what =
        switch (reason) {
          case EXECUTABLE -> executable(part.command(), failure);
          case INTERPRETER ->
              "the interpreter of "
                  + part.command().program().name()
                  + ", in the first line of a script or the header of a binary, is missing";
          case DIRECTORY -> "the directory " + part.settings().directory + " cannot be entered";
          case REDIRECT -> "a file for its input or output cannot be opened";
          case ARGUMENTS -> "arguments and environment are too long";
          case LIMITS -> "descriptors, processes, terminals or memory are used up";
          case TERMINAL -> "there is no controlling terminal to be in the foreground of";
          case CGROUP, TIMEOUT, SHUTDOWN, SYSTEM -> "the system refuses";
        };
    return new ProcessStartException(reason, part, what + ": " + failure.getMessage(), failure);
  }

  private static String executable(Command command, SystemCallException failure) {
    String name = command.program().name();
    if (failure.is(Errno.ENOEXEC)) {
      return name + " is no program; Command.shell runs a script without a #! line";
    }
    return name
        + (command.program().isPath() ? "" : " (looked for in PATH)")
        + " cannot be executed";
  }

  private Reason reason(Part part, Kernel kernel, SystemCallException failure) {
    if (isLimit(failure)) {
      return Reason.LIMITS;
    }
    return switch (this) {
      case FOREGROUND -> Reason.TERMINAL;
      case DIRECTORY -> Reason.DIRECTORY;
      case EXECUTABLE -> Reason.EXECUTABLE;
      case REDIRECT -> Reason.REDIRECT;
      case DESCRIPTORS, TERMINAL, WATCH -> Reason.SYSTEM;
      case SPAWN -> ofSpawn(part.command(), kernel, failure);
    };
  }

  private static Reason ofSpawn(Command command, Kernel kernel, SystemCallException failure) {
    if (failure.is(Errno.E2BIG)) {
      return Reason.ARGUMENTS;
    }
    if (failure.is(Errno.ENOENT) && isThere(command, kernel)) {
      // The file exists, and yet the kernel found none: it means the interpreter.
      return Reason.INTERPRETER;
    }
    return failure.is(Errno.EPERM) || failure.is(Errno.EINVAL) ? Reason.SYSTEM : Reason.EXECUTABLE;
  }

  private static boolean isThere(Command command, Kernel kernel) {
    try {
      return kernel.executable(command.program().pathFromHere(kernel)) == 0;
    } catch (SystemCallException e) {
      return false;
    }
  }

  /**
   * ENOSPC is a limit of watches when epoll says it, and of terminals when /dev/ptmx does; of a
   * file it means that the disk is full.
   */
  private boolean isLimit(SystemCallException failure) {
    return failure.is(Errno.EMFILE)
        || failure.is(Errno.ENFILE)
        || failure.is(Errno.EAGAIN)
        || failure.is(Errno.ENOMEM)
        || ((this == WATCH || this == TERMINAL) && failure.is(Errno.ENOSPC));
  }
}
