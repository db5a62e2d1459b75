/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

/**
 * Counts what passed through one channel, and for how long which side let the other wait. On the
 * loop; a clock is read only when the state changes, so a busy stream costs nothing here.
 */
public final class FlowMeter {
  /** Who waits for whom. */
  enum State {
    /** Nobody: data moves, or it is over. */
    MOVING,
    /** The reader has demand and there is no data. */
    READER_WAITS,
    /** There is data and no demand. */
    WRITER_WAITS
  }

  private long bytes;
  private long chunks;
  private long readerWaitedNanos;
  private long writerWaitedNanos;
  private State state = State.MOVING;
  private long since;

  void count(int size) {
    bytes += size;
    chunks++;
  }

  void enter(State next) {
    if (next != state) {
      long now = System.nanoTime();
      settle(now);
      state = next;
      since = now;
    }
  }

  private void settle(long now) {
    switch (state) {
      case READER_WAITS -> readerWaitedNanos += now - since;
      case WRITER_WAITS -> writerWaitedNanos += now - since;
      case MOVING -> {}
    }
  }

  /** Bytes delivered. */
  public long bytes() {
    return bytes;
  }

  /** Reads that delivered bytes. */
  public long chunks() {
    return chunks;
  }

  /** Nanoseconds for which there was demand and nothing to read. */
  public long readerWaitedNanos() {
    return readerWaitedNanos;
  }

  /** Nanoseconds for which data was known to be there and nobody asked for it. */
  public long writerWaitedNanos() {
    return writerWaitedNanos;
  }
}
