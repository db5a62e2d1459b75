/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import org.jspecify.annotations.Nullable;

/** The minimum that this project needs of its platform is missing; the message says what. */
public final class UnsupportedPlatformException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  UnsupportedPlatformException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
