/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lines and, on a terminal, a status line below them. Lines are written at once where they come
 * slowly, and together where they come fast. For one thread.
 */
final class Screen {
  private static final String ERASE_LINE = "\r\033[K";
  private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long STATUS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final PrintWriter out;
  private final Supplier<String> status;

  /** 0 while there is no terminal. Set by whoever learns its width, read by who draws. */
  private volatile int columns;

  private boolean statusShown;
  private long flushed = System.nanoTime();
  private long drawn = flushed - STATUS_NANOS;

  /**
   * @param status makes the text of the status line, asked at most 10 times a second
   */
  Screen(PrintWriter out, Supplier<String> status) {
    this.out = out;
    this.status = status;
  }

  /** There is a terminal, and this is its width. */
  void columns(int width) {
    columns = width;
  }

  /** Writes a line above the status line. */
  void line(CharSequence text) {
    eraseStatus();
    out.append(text).append('\n');
    long now = System.nanoTime();
    if (now - flushed >= FLUSH_NANOS) {
      flush(now);
    }
    redraw(now);
  }

  /** Something changed that only the status line shows. */
  void changed() {
    redraw(System.nanoTime());
  }

  /** Time has passed: what waits is written, and the status line drawn again. */
  void tick() {
    long now = System.nanoTime();
    flush(now);
    redraw(now);
  }

  private void redraw(long now) {
    if (columns == 0 || now - drawn < STATUS_NANOS) {
      return;
    }
    drawn = now;
    String text = status.get();
    eraseStatus();
    // One column stays free, as a full line makes some terminals wrap.
    out.append(text, 0, Math.min(text.length(), columns - 1));
    statusShown = true;
    flush(now);
  }

  private void eraseStatus() {
    if (statusShown) {
      out.append(ERASE_LINE);
      statusShown = false;
    }
  }

  private void flush(long now) {
    flushed = now;
    OutputGoneException.flush(out);
  }

  /** Leaves the terminal as it was, below the last line. */
  void close() {
    eraseStatus();
    flush(System.nanoTime());
  }
}
