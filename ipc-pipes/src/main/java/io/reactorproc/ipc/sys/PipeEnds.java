/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/** Two descriptor numbers in a {@code long}, so that making a pipe allocates nothing. */
public final class PipeEnds {
  private PipeEnds() {}

  /** Packs the two numbers. */
  public static long of(int readEnd, int writeEnd) {
    return ((long) readEnd << 32) | writeEnd;
  }

  /** The end that is read from. */
  public static int readEnd(long ends) {
    return (int) (ends >>> 32);
  }

  /** The end that is written to. */
  public static int writeEnd(long ends) {
    return (int) ends;
  }
}
