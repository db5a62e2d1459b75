/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import java.nio.ByteBuffer;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which modes of the user's screen a program has changed and not changed back, by the control
 * sequences that it wrote: {@code CSI ? n h} and {@code CSI ? n l}. A program that is killed leaves
 * them as they are: the alternate screen, a cursor that is hidden, a mouse that types.
 */
final class ScreenModes {
  /** Those that are on to begin with: wrapping at the margin, and a cursor that can be seen. */
  private static final int WRAP = 7;

  private static final int CURSOR = 25;
  private static final int MOST_DIGITS = 5;

  private enum State {
    TEXT,
    ESCAPE,
    SEQUENCE,
    PRIVATE
  }

  private final SortedSet<Integer> changed = new TreeSet<>();
  private final SortedSet<Integer> named = new TreeSet<>();
  private State state = State.TEXT;
  private int number;
  private int digits;
  private boolean styled;

  /** Looks at what is shown; a sequence may lie across two calls. */
  synchronized void follow(ByteBuffer shown) {
    while (shown.hasRemaining()) {
      next(shown.get());
    }
  }

  private void next(byte c) {
    switch (state) {
      case TEXT -> {
        if (c == 033) {
          state = State.ESCAPE;
        }
      }
      case ESCAPE -> state = c == '[' ? State.SEQUENCE : c == 033 ? State.ESCAPE : State.TEXT;
      case SEQUENCE -> {
        if (c == '?') {
          named.clear();
          number = 0;
          digits = 0;
          state = State.PRIVATE;
        } else {
          styled |= c == 'm';
          if (c >= 0x40) {
            state = State.TEXT;
          }
        }
      }
      case PRIVATE -> inPrivate(c);
    }
  }

  private void inPrivate(byte c) {
    if (c >= '0' && c <= '9' && digits < MOST_DIGITS) {
      number = number * 10 + c - '0';
      digits++;
      return;
    }
    named.add(number);
    number = 0;
    digits = 0;
    if (c == ';') {
      return;
    }
    if (c == 'h' || c == 'l') {
      named.forEach(mode -> set(mode, c == 'h'));
    }
    state = State.TEXT;
  }

  private void set(int mode, boolean on) {
    boolean usual = mode == WRAP || mode == CURSOR;
    if (on == usual) {
      changed.remove(mode);
    } else {
      changed.add(mode);
    }
  }

  /** The sequences that change them back. */
  synchronized String undo() {
    return sequences('h', 'l') + (styled ? "\033[0m" : "");
  }

  /** The sequences that change them again. */
  synchronized String redo() {
    return sequences('l', 'h');
  }

  private String sequences(char ofUsual, char ofOthers) {
    StringBuilder text = new StringBuilder();
    for (int mode : changed) {
      boolean usual = mode == WRAP || mode == CURSOR;
      text.append("\033[?").append(mode).append(usual ? ofUsual : ofOthers);
    }
    return text.toString();
  }
}
