/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;

/** Makes a record into a {@code String}. */
final class TextCutter extends RecordCutter<String> {

  private final TextDecoding decoding;
  private final boolean asciiIsItself;

  /** The window was checked up to here, and whether all of it is ASCII. */
  private int checkedTo;

  private boolean ascii;

  TextCutter(Records records, TextDecoding decoding) {
    super(records);
    this.decoding = decoding;
    this.asciiIsItself = decoding.keepsAscii();
  }

  @Override
  void opened(ByteBuf chunk) {
    checkedTo = 0;
  }

  @Override
  String inside(ByteBuf chunk, int start, int length, long offset) {
    ScanWindow window = window();
    if (!window.holds(start)) { // a record longer than a window, or across two
      byte[] bytes = new byte[length];
      chunk.getBytes(chunk.readerIndex() + start, bytes);
      return joined(bytes, offset);
    }
    byte[] bytes = window.bytes();
    int shift = window.shift();
    if (checkedTo != window.end()) {
      checkedTo = window.end();
      ascii = asciiIsItself && Swar.isAscii(bytes, window.begin() + shift, checkedTo + shift);
    }
    return ascii
        ? Swar.asciiText(bytes, start + shift, length)
        : decoding.text(bytes, start + shift, length, offset);
  }

  @Override
  String joined(byte[] bytes, long offset) {
    return decoding.text(bytes, 0, bytes.length, offset);
  }
}
