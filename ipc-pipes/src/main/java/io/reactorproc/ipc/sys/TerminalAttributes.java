/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The attributes of a terminal: glibc's {@code struct termios}, which is the same on x86_64 and
 * aarch64 and is not the kernel's. An immutable value; what it is not asked to change stays as the
 * terminal had it.
 */
public final class TerminalAttributes {
  /** {@code sizeof(struct termios)}. */
  static final int SIZE = 60;

  private static final int INPUT = 0;
  private static final int OUTPUT = 4;
  private static final int CONTROL = 8;
  private static final int LOCAL = 12;
  private static final int CHARACTERS = 17;

  private static final int VTIME = 5;
  private static final int VMIN = 6;

  private static final int IGNBRK = 0x1;
  private static final int BRKINT = 0x2;
  private static final int PARMRK = 0x8;
  private static final int ISTRIP = 0x20;
  private static final int INLCR = 0x40;
  private static final int IGNCR = 0x80;
  private static final int ICRNL = 0x100;
  private static final int IXON = 0x400;
  private static final int IUTF8 = 0x4000;
  private static final int OPOST = 0x1;
  private static final int ONLCR = 0x4;
  private static final int CSIZE = 0x30;
  private static final int CS8 = 0x30;
  private static final int PARENB = 0x100;
  private static final int ISIG = 0x1;
  private static final int ICANON = 0x2;
  private static final int ECHO = 0x8;
  private static final int ECHONL = 0x40;
  private static final int NOFLSH = 0x80;
  private static final int IEXTEN = 0x8000;

  final byte[] bytes;

  /** Takes the array, which nobody changes any more. */
  TerminalAttributes(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * As {@code cfmakeraw(3)}: every byte passes as it is, in both directions, and none is echoed.
   */
  public TerminalAttributes raw() {
    int noInput = IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON;
    TerminalAttributes raw =
        changed(INPUT, noInput, 0)
            .changed(OUTPUT, OPOST, 0)
            .changed(CONTROL, CSIZE | PARENB, CS8)
            .changed(LOCAL, ECHO | ECHONL | ICANON | ISIG | IEXTEN, 0);
    raw.bytes[CHARACTERS + VMIN] = 1; // of our own fresh copy
    raw.bytes[CHARACTERS + VTIME] = 0;
    return raw;
  }

  /**
   * Lines are edited before they are read, keys send signals, a newline is written as CR LF.
   * Whether it echoes stays as it is.
   */
  public TerminalAttributes cooked() {
    return changed(INPUT, INLCR | IGNCR, BRKINT | ICRNL | IXON)
        .changed(OUTPUT, 0, OPOST | ONLCR)
        .changed(LOCAL, 0, ISIG | ICANON | IEXTEN);
  }

  /** What is typed is shown. */
  public TerminalAttributes withEcho() {
    return changed(LOCAL, 0, ECHO);
  }

  /** What is typed is not shown. */
  public TerminalAttributes withoutEcho() {
    return changed(LOCAL, ECHO | ECHONL, 0);
  }

  /** Erasing a character in an edited line erases all of its bytes in UTF-8. */
  public TerminalAttributes withUtf8() {
    return changed(INPUT, 0, IUTF8);
  }

  /** Whether input is edited and read by lines. */
  public boolean isCooked() {
    return (flags(LOCAL) & ICANON) != 0;
  }

  /** Whether what is typed is shown. */
  public boolean echoes() {
    return (flags(LOCAL) & ECHO) != 0;
  }

  /** Whether keys send signals. */
  public boolean sendsSignals() {
    return (flags(LOCAL) & ISIG) != 0;
  }

  /** Whether a key that sends a signal drops what was typed before it and is not read yet. */
  public boolean signalsDropInput() {
    return sendsSignals() && (flags(LOCAL) & NOFLSH) == 0;
  }

  /** The character of a key; 0 where it has none. */
  public byte character(TerminalKey key) {
    return bytes[CHARACTERS + key.index];
  }

  private int flags(int offset) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(offset);
  }

  private TerminalAttributes changed(int offset, int off, int on) {
    byte[] copy = bytes.clone();
    ByteBuffer.wrap(copy)
        .order(ByteOrder.nativeOrder())
        .putInt(offset, (flags(offset) & ~off) | on);
    return new TerminalAttributes(copy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TerminalAttributes attributes && Arrays.equals(bytes, attributes.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return (isCooked() ? "cooked" : "not cooked") + (echoes() ? ", echo" : ", no echo");
  }
}
