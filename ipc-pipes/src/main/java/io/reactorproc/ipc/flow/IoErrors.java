/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.channel.unix.Errors.NativeIoException;
import io.reactorproc.ipc.sys.SystemCallException;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/** Turns what Netty's native calls throw into this project's one exception family. */
final class IoErrors {
  private IoErrors() {}

  static SystemCallException of(String call, @Nullable Throwable failure, String purpose) {
    if (failure instanceof SystemCallException ours) {
      return ours;
    }
    int errno = Errno.EIO.intValue();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof NativeIoException nativeFailure) {
        errno = Math.abs(nativeFailure.expectedErr());
        break;
      }
    }
    SystemCallException translated = new SystemCallException(call, errno, purpose);
    if (failure != null) {
      translated.initCause(failure);
    }
    return translated;
  }
}
