/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import io.netty.buffer.ByteBuf;
import io.reactorproc.RunningProcess;

/** Sends, awaits the answer, and sends again, on the child's event loop. */
final class RoundTrips {
  private final RunningProcess child;
  private final long[] nanos;
  private final byte[] answer = new byte[Payloads.SIZE];
  private int trip;
  private int got;
  private long start;

  RoundTrips(RunningProcess child, int count) {
    this.child = child;
    this.nanos = new long[count];
  }

  void send() {
    start = System.nanoTime();
    child.stdin().write(Payloads.of(trip)).subscribe();
  }

  void take(ByteBuf buffer) {
    int length = buffer.readableBytes();
    buffer.readBytes(answer, got, length);
    buffer.release();
    got += length;
    if (got < Payloads.SIZE) {
      return;
    }
    nanos[trip] = System.nanoTime() - start;
    Payloads.check(trip, answer, got);
    got = 0;
    if (++trip < nanos.length) {
      send();
    } else {
      child.stdin().close().subscribe();
    }
  }

  /** What each trip took. */
  long[] nanos() {
    Check.equal(trip, nanos.length, "round trips");
    return nanos;
  }
}
