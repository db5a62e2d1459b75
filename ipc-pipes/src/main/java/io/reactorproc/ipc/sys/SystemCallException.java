/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.io.IOException;
import jnr.constants.platform.Errno;

/**
 * A system call failed. The whole native boundary speaks in this one exception: which call, which
 * {@code errno}, and what the call was for.
 */
public final class SystemCallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;
  private final String purpose;

  /**
   * Makes the exception of one failed call.
   *
   * @param call the system call or library function, such as {@code pipe2}
   * @param errno the positive error number of this platform
   * @param purpose what the call was for, in words that follow "to", such as "open the pipe of
   *     stdout"
   */
  public SystemCallException(String call, int errno, String purpose) {
    super(call + " failed to " + purpose + ": " + nameOf(errno) + " (" + describe(errno) + ")");
    this.call = call;
    this.errno = errno;
    this.purpose = purpose;
  }

  /** The system call or library function that failed. */
  public String call() {
    return call;
  }

  /** The error number. */
  public int errno() {
    return errno;
  }

  /** The symbolic name of the error number, such as {@code EMFILE}. */
  public String errnoName() {
    return nameOf(errno);
  }

  /** What the call was for. */
  public String purpose() {
    return purpose;
  }

  /** Whether the error number has this symbolic name. */
  public boolean is(Errno expected) {
    return errno == expected.intValue();
  }

  private static String nameOf(int errno) {
    Errno known = Errno.valueOf(errno);
    return known == Errno.__UNKNOWN_CONSTANT__ ? "errno " + errno : known.name();
  }

  private static String describe(int errno) {
    Errno known = Errno.valueOf(errno);
    return known == Errno.__UNKNOWN_CONSTANT__ ? "unknown error" : known.description();
  }
}
