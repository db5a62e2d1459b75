/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.BitSet;

/**
 * An argument to be: its text, and which of the characters are quoted, so that they mean nothing to
 * a glob. A value; the bits are not changed any more.
 */
record Field(String text, BitSet quoted) {

  /** Whether this character is this one and not quoted. */
  boolean isSpecial(int index, char c) {
    return text.charAt(index) == c && !quoted.get(index);
  }

  /** Whether names of files have to be looked at. */
  boolean isGlob() {
    for (int i = 0; i < text.length(); i++) {
      if (isSpecial(i, '*') || isSpecial(i, '?') || isSpecial(i, '[')) {
        return true;
      }
    }
    return false;
  }

  Field part(int from, int to) {
    return new Field(text.substring(from, to), quoted.get(from, to));
  }
}
