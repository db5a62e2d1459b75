/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import java.io.IOException;

/** Another starter holds the lock on the directory of a socket; it is tried again. */
final class DirectoryBusyException extends IOException {
  private static final long serialVersionUID = 1L;

  DirectoryBusyException(UnixAddress address) {
    super("somebody else holds a lock (flock) on the directory of " + address);
  }

  /** Thrown and caught again some times a second. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
