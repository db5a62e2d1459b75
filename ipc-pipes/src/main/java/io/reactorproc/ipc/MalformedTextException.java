/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import java.nio.charset.Charset;
import java.util.HexFormat;

/**
 * Bytes that are no text in the charset expected, where {@link TextDecoding.Malformed#REPORT} was
 * asked for. Text before them was delivered.
 */
public final class MalformedTextException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String charset;
  private final long offset;
  private final byte[] bytes;

  MalformedTextException(Charset charset, long offset, byte[] bytes) {
    super(
        "no "
            + charset.name()
            + " text at byte "
            + offset
            + ": "
            + HexFormat.ofDelimiter(" ").formatHex(bytes));
    this.charset = charset.name();
    this.offset = offset;
    this.bytes = bytes;
  }

  /** The charset in which the bytes make no text; a name, because charsets are not serializable. */
  public String charset() {
    return charset;
  }

  /** Where the malformed bytes begin, in bytes from the start of the stream. */
  public long offset() {
    return offset;
  }

  /** The malformed bytes, at least one and no more than one character can have. A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }
}
