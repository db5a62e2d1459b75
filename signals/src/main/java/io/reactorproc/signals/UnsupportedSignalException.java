/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import org.jspecify.annotations.Nullable;

/** This JVM cannot listen to a signal: the kernel, the virtual machine or libc keeps it. */
public final class UnsupportedSignalException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1L;

  /** The number alone, because an exception must be serialisable and {@link Signal} is not. */
  private final int number;

  UnsupportedSignalException(Signal signal, String reason) {
    this(signal, reason, null);
  }

  UnsupportedSignalException(Signal signal, String reason, @Nullable Throwable cause) {
    super("cannot listen to " + signal + ": " + reason, cause);
    this.number = signal.number();
  }

  /** The signal that was refused; the message names the reason. */
  public Signal signal() {
    return Signal.of(number);
  }
}
