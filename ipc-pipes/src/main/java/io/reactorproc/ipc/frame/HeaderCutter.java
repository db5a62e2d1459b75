/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Reads header lines up to the empty one. Of each only what is needed is kept: the line at hand,
 * and the length once it was said.
 */
final class HeaderCutter extends FrameCutter {
  /** All headers of one frame together. */
  static final int MOST_BYTES = 8 * 1024;

  private static final int MOST_DIGITS = 18; // 63 bits hold all of these
  private static final byte[] NAME = "content-length".getBytes(US_ASCII);
  private static final byte[] USUAL = "Content-Length: ".getBytes(US_ASCII);
  private static final byte[] END = "\r\n\r\n".getBytes(US_ASCII);
  private static final int MOST_USUAL_DIGITS = 9; // as many as an int holds
  private static final long UNSAID = -1;

  /** A piece of the chunk: reading an array is much faster than reading a buffer. */
  private final byte[] window = new byte[64];

  private byte[] line = new byte[64];
  private int used;
  private int total;
  private long announced = UNSAID;

  HeaderCutter(int maxLength) {
    super(maxLength, 0);
  }

  @Override
  int header(ByteBuf chunk) {
    while (chunk.isReadable()) {
      int size = Math.min(chunk.readableBytes(), window.length);
      chunk.getBytes(chunk.readerIndex(), window, 0, size);
      if (total + used == 0) {
        int end = usualEnd(size);
        if (end > 0) {
          chunk.skipBytes(end);
          return checked(usualLength(end));
        }
      }
      for (int i = 0; i < size; i++) {
        if (isLast(window[i])) {
          chunk.skipBytes(i + 1);
          return finish();
        }
      }
      chunk.skipBytes(size);
    }
    return MORE;
  }

  /**
   * Where the headers end, if all they are is what nearly everybody writes, and all of it is at
   * hand; else 0. Reading these at a glance is several times as fast.
   */
  private int usualEnd(int size) {
    if (size < USUAL.length
        || Arrays.mismatch(window, 0, USUAL.length, USUAL, 0, USUAL.length) >= 0) {
      return 0;
    }
    int most = Math.min(size - END.length, USUAL.length + MOST_USUAL_DIGITS);
    int at = USUAL.length;
    while (at < most && window[at] >= '0' && window[at] <= '9') {
      at++;
    }
    int end = at + END.length;
    return at > USUAL.length
            && end <= size
            && Arrays.mismatch(window, at, end, END, 0, END.length) < 0
        ? end
        : 0;
  }

  private int usualLength(int end) {
    int length = 0;
    for (int i = USUAL.length; i < end - END.length; i++) {
      length = 10 * length + window[i] - '0';
    }
    return length;
  }

  /** Takes a byte; true if the headers end with it. */
  private boolean isLast(byte next) {
    if (next != '\n') {
      keep(next);
      return false;
    }
    if (used == 0 || line[used - 1] != '\r') {
      throw malformed("a header line ends with LF alone");
    }
    if (used == 1) {
      return true;
    }
    take(used - 1);
    total += used + 1;
    used = 0;
    return false;
  }

  private void keep(byte next) {
    if (used > 0 && line[used - 1] == '\r') {
      throw malformed("a header line has a CR inside");
    }
    if (total + used == MOST_BYTES) {
      throw malformed("its headers are longer than " + MOST_BYTES + " bytes");
    }
    if (used == line.length) {
      line = Arrays.copyOf(line, 2 * used);
    }
    line[used++] = next;
  }

  private int finish() {
    long found = announced;
    if (found == UNSAID) {
      throw malformed("no Content-Length among its headers");
    }
    announced = UNSAID;
    used = 0;
    total = 0;
    return checked(found);
  }

  private void take(int end) {
    int colon = 0;
    while (colon < end && line[colon] != ':') {
      colon++;
    }
    if (colon == end) {
      throw malformed("a header line has no colon");
    }
    if (colon == 0 || line[colon - 1] == ' ' || line[colon - 1] == '\t') {
      throw malformed("a header line has no name, or a space after it");
    }
    if (isLength(colon)) {
      if (announced != UNSAID) {
        throw malformed("Content-Length comes twice");
      }
      announced = number(colon + 1, end);
    }
  }

  private boolean isLength(int colon) {
    if (colon != NAME.length) {
      return false;
    }
    for (int i = 0; i < colon; i++) {
      byte letter = line[i];
      byte lower = letter >= 'A' && letter <= 'Z' ? (byte) (letter + 'a' - 'A') : letter;
      if (lower != NAME[i]) {
        return false;
      }
    }
    return true;
  }

  private long number(int begin, int end) {
    int from = begin;
    int to = end;
    while (from < to && isSpace(line[from])) {
      from++;
    }
    while (to > from && isSpace(line[to - 1])) {
      to--;
    }
    if (from == to) {
      throw malformed("Content-Length has no value");
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      byte digit = line[i];
      if (digit < '0' || digit > '9') {
        throw malformed("Content-Length is no number of bytes");
      }
      if (i - from == MOST_DIGITS) {
        throw beyondCount();
      }
      value = 10 * value + digit - '0';
    }
    return value;
  }

  private static boolean isSpace(byte value) {
    return value == ' ' || value == '\t';
  }
}
