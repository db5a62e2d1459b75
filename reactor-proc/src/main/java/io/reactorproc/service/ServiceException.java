/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.ExitStatus;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A service did not become ready, or gave no sign of life any more. */
public final class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is missing. */
  public enum Reason {
    /** The child ended before it said that it was ready. */
    NOT_READY,
    /** It took longer than the service's {@link Service#readyTimeout}; the child was ended. */
    READY_TIMEOUT,
    /** No {@code WATCHDOG=1} came in time, or {@code WATCHDOG=trigger} did; the child was ended. */
    WATCHDOG,
    /** Reading the notify socket failed, as an event loop that was shut down does. */
    SOCKET
  }

  private final Reason reason;
  private final String detail;
  private final transient @Nullable ExitStatus exit;

  ServiceException(
      Reason reason,
      String command,
      String detail,
      @Nullable ExitStatus exit,
      @Nullable Throwable cause) {
    super("service " + command + ": " + detail, cause);
    this.reason = reason;
    this.detail = detail;
    this.exit = exit;
  }

  /** What is missing. */
  public Reason reason() {
    return reason;
  }

  String detail() {
    return detail;
  }

  /** How the child ended; empty where it has not, yet. */
  public Optional<ExitStatus> exit() {
    return Optional.ofNullable(exit);
  }
}
