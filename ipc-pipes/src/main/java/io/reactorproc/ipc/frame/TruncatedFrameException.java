/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import java.util.OptionalLong;

/** The stream ended inside a frame: its writer was cut short, or is no writer of frames. */
public final class TruncatedFrameException extends FramingException {
  private static final long serialVersionUID = 1L;

  private final long received;
  private final long missing;

  /**
   * @param missing negative where it is not known
   */
  TruncatedFrameException(long received, long missing, long offset) {
    super(
        "the stream ended inside the frame at byte "
            + offset
            + ", after "
            + received
            + " bytes of it"
            + (missing < 0 ? "" : ", " + missing + " are missing"),
        offset,
        null);
    this.received = received;
    this.missing = missing;
  }

  /** How many bytes of the frame have come, its length or headers included. */
  public long received() {
    return received;
  }

  /** How many bytes are missing; empty where the end came before the length was known. */
  public OptionalLong missing() {
    return missing < 0 ? OptionalLong.empty() : OptionalLong.of(missing);
  }
}
