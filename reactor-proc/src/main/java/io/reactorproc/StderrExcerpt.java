/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;

/** Head and tail of what a child wrote to stderr, 32 KiB each at most. Immutable. */
public final class StderrExcerpt implements Serializable {
  private static final long serialVersionUID = 1L;

  static final StderrExcerpt NONE = new StderrExcerpt(new byte[0], new byte[0], 0);

  private final byte[] head;
  private final byte[] tail;
  private final long skipped;

  StderrExcerpt(byte[] head, byte[] tail, long skipped) {
    this.head = head;
    this.tail = tail;
    this.skipped = skipped;
  }

  /** The first bytes. */
  public byte[] head() {
    return head.clone();
  }

  /** The last bytes that are not in the head. */
  public byte[] tail() {
    return tail.clone();
  }

  /** How many bytes between them were not kept. */
  public long skipped() {
    return skipped;
  }

  /** Both parts as UTF-8, with a note of what is missing between them. */
  public String text() {
    String first = new String(head, StandardCharsets.UTF_8);
    String last = new String(tail, StandardCharsets.UTF_8);
    return skipped == 0 ? first + last : first + "\n[... " + skipped + " bytes ...]\n" + last;
  }

  /** Whether nothing was written or kept. */
  public boolean isEmpty() {
    return head.length == 0;
  }

  @Override
  public String toString() {
    return text();
  }
}
