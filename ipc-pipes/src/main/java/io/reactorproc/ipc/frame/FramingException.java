/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import org.jspecify.annotations.Nullable;

/** The bytes of a stream are not the frames that they should be; frames before were delivered. */
public abstract sealed class FramingException extends RuntimeException
    permits FrameTooLongException, MalformedFrameException, TruncatedFrameException {
  private static final long serialVersionUID = 1L;

  private final long offset;

  FramingException(String message, long offset, @Nullable Throwable cause) {
    super(message, cause);
    this.offset = offset;
  }

  /**
   * Where the frame begins, with its length or its headers, in bytes from the start of the stream;
   * 0 for a frame that was to be sent.
   */
  public final long offset() {
    return offset;
  }
}
