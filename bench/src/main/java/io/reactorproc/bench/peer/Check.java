/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The verification that every peer shares: a wrong result is no result. */
final class Check {
  private Check() {}

  static void equal(long actual, long expected, String what) {
    if (actual != expected) {
      throw new IllegalStateException(what + ": " + actual + " instead of " + expected);
    }
  }

  static void equal(String actual, String expected, String what) {
    if (!actual.equals(expected)) {
      throw new IllegalStateException(what + ": '" + actual + "' instead of '" + expected + "'");
    }
  }

  /** How long ago the child wrote this time stamp of CLOCK_MONOTONIC, which nanoTime() is. */
  static long sinceStamp(byte[] stamp) {
    long now = System.nanoTime();
    equal(stamp.length, Long.BYTES, "bytes of a time stamp");
    long nanos = now - ByteBuffer.wrap(stamp).order(ByteOrder.nativeOrder()).getLong();
    if (nanos < 0) {
      throw new IllegalStateException("an exit was told " + -nanos + " ns before it happened");
    }
    return nanos;
  }
}
