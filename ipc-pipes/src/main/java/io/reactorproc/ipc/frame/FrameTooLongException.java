/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.reactorproc.ipc.RecordTooLongException;
import java.util.OptionalLong;

/** A frame is longer than {@link Framing#maxLength(int)} allows. Nothing was allocated for it. */
public final class FrameTooLongException extends FramingException {
  private static final long serialVersionUID = 1L;
  private static final long UNKNOWN = -1;

  private final int limit;
  private final long length;

  private FrameTooLongException(String message, int limit, long length, long offset) {
    super(message, offset, null);
    this.limit = limit;
    this.length = length;
  }

  private FrameTooLongException(RecordTooLongException cause) {
    super(
        "the frame at byte " + cause.offset() + " is longer than " + cause.limit() + " bytes",
        cause.offset(),
        cause);
    this.limit = cause.limit();
    this.length = UNKNOWN;
  }

  /** A frame that announced its length. */
  static FrameTooLongException announced(long length, int limit, long offset) {
    return new FrameTooLongException(
        "the frame at byte "
            + offset
            + " announces "
            + length
            + " bytes, more than the limit of "
            + limit
            + "; maxLength raises it",
        limit,
        length,
        offset);
  }

  /** A frame whose length is no number that fits. */
  static FrameTooLongException beyondCount(int limit, long offset) {
    return new FrameTooLongException(
        "the frame at byte " + offset + " announces a length of more than 18 digits",
        limit,
        UNKNOWN,
        offset);
  }

  /** A record without an end in sight. */
  static FrameTooLongException of(RecordTooLongException cause) {
    return new FrameTooLongException(cause);
  }

  /** A frame that was to be sent. */
  static FrameTooLongException toSend(int length, int limit) {
    return new FrameTooLongException(
        "a frame of " + length + " bytes was to be sent, more than the limit of " + limit,
        limit,
        length,
        0);
  }

  /** The longest content allowed, in bytes. */
  public int limit() {
    return limit;
  }

  /** The length of the frame's content, where that is known before its end. */
  public OptionalLong length() {
    return length == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(length);
  }
}
