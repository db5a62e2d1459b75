/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import java.util.Arrays;

/** What is sent on round trips: 64 bytes, other ones each time. */
final class Payloads {
  static final int SIZE = 64;

  private static final byte[][] ALL = new byte[128][SIZE];

  static {
    for (int i = 0; i < ALL.length; i++) {
      Arrays.fill(ALL[i], (byte) i);
    }
  }

  private Payloads() {}

  /** The payload of this trip, not to be changed. */
  static byte[] of(int trip) {
    return ALL[trip % ALL.length];
  }

  static void check(int trip, byte[] answer, int length) {
    if (!Arrays.equals(answer, 0, length, of(trip), 0, SIZE)) {
      throw new IllegalStateException("trip " + trip + " brought back something else");
    }
  }
}
