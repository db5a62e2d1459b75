/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import java.io.IOException;

/** A server cannot have its address; nothing was changed in the file system. */
public final class UnixBindException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** Another process, or this one, has a socket of that name which is alive. */
    IN_USE,
    /** There is something of that name that is no socket: it is never removed. */
    NOT_A_SOCKET,
    /** Everybody may replace files in the directory: it is writable for others and not sticky. */
    UNSAFE_DIRECTORY
  }

  private final transient UnixAddress address;
  private final Reason reason;

  UnixBindException(UnixAddress address, Reason reason, String message) {
    super(message);
    this.address = address;
    this.reason = reason;
  }

  /** The address that was asked for. */
  public UnixAddress address() {
    return address;
  }

  /** Why it cannot be had. */
  public Reason reason() {
    return reason;
  }
}
