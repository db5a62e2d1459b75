/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A cgroup cannot be had, or not be used. */
public final class CgroupException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What stands in the way. */
  public enum Reason {
    /** No hierarchy of version 2 is mounted, or the directory is not in one. */
    NO_HIERARCHY,
    /** This process may not make cgroups there: it was not delegated to its user. */
    NOT_WRITABLE,
    /** The kernel lacks {@code cgroup.kill} (Linux 5.14). */
    TOO_OLD,
    /**
     * The kernel refused to move the child: a controller is on in the directory above that allows
     * no processes there, or a limit of it is reached.
     */
    ENTER,
    /** The file system said no; the cause says how. */
    SYSTEM
  }

  private final Reason reason;

  /** Makes an exception. */
  public CgroupException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What stands in the way. */
  public Reason reason() {
    return reason;
  }
}
