/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

/** A Unix socket cannot have this address: it is empty, too long, or not of the file system. */
public final class InvalidUnixAddressException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidUnixAddressException(String message) {
    super(message);
  }
}
