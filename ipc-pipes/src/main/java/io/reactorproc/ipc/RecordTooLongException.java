/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

/**
 * A record had more bytes than {@link Records#maxLength(int)} allows, and {@link
 * Records.Overflow#ERROR} was to be done about it. Records before it were delivered.
 */
public final class RecordTooLongException extends RuntimeException {

  /** How much of the record is kept, in bytes. */
  static final int HEAD_LIMIT = 4 * 1024;

  private static final long serialVersionUID = 1L;

  private final int limit;
  private final long offset;
  private final byte[] head;

  RecordTooLongException(int limit, long offset, byte[] head) {
    super(
        "the record at byte "
            + offset
            + " is longer than "
            + limit
            + " bytes; maxLength raises the limit, and Records.onOverflow splits or"
            + " truncates such records instead");
    this.limit = limit;
    this.offset = offset;
    this.head = head;
  }

  /** The longest record allowed, in bytes without the terminator. */
  public int limit() {
    return limit;
  }

  /** Where the record begins, in bytes from the start of the stream. */
  public long offset() {
    return offset;
  }

  /** The first bytes of the record: as many as the limit allows, and 4 KiB at most. A copy. */
  public byte[] head() {
    return head.clone();
  }
}
