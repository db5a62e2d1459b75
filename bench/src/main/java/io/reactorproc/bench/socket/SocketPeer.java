/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.socket;

import java.nio.file.Path;

/**
 * One library as the client of the partner, {@code partner.c}. Each call is one connection: it
 * sends a {@link #header} that tells the partner what to do, and verifies the bytes it counts.
 */
interface SocketPeer {
  /** Bytes of one round trip. */
  int TRIP = 64;

  /** Bytes of one write of a stream. */
  int CHUNK = 64 * 1024;

  /** Receives this many bytes; the answer is how many came. */
  long receive(Path partner, long bytes) throws Exception;

  /** Sends this many bytes in chunks, and waits until the partner has read them all. */
  void send(Path partner, long bytes) throws Exception;

  /** Sends 64 bytes, awaits them, and sends again; the answer is what each trip took. */
  long[] roundTrips(Path partner, int count) throws Exception;

  /** What the partner does: {@code S} is a source, {@code K} a sink, {@code E} an echo. */
  static byte[] header(char role, long bytes) {
    byte[] header = new byte[9];
    header[0] = (byte) role;
    for (int i = 0; i < Long.BYTES; i++) {
      header[1 + i] = (byte) (bytes >>> (8 * i));
    }
    return header;
  }
}
