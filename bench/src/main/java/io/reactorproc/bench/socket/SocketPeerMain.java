/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.socket;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * The program of one library. It answers each line of stdin, such as {@code receive 1000000}, by
 * one with the figure: GiB/s of a stream, or the median and the 99th percentile of the trips in µs.
 */
public final class SocketPeerMain {
  private SocketPeerMain() {}

  /** The library's name and the partner's path; serves until the end of stdin. */
  public static void main(String[] arguments) throws Exception {
    SocketPeer peer =
        switch (arguments[0]) {
          case "reactor-proc" -> new ReactorProcSockets();
          case "netty" -> new NettySockets();
          case "nio" -> new NioSockets();
          default -> throw new IllegalArgumentException("no library " + arguments[0]);
        };
    Path partner = Path.of(arguments[1]);
    PrintStream replies = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      String[] words = order.split(" ", -1);
      long amount = Long.parseLong(words[1]);
      replies.println(
          words[0].equals("trips")
              ? trips(peer.roundTrips(partner, (int) amount))
              : rate(peer, partner, words[0], amount));
    }
    System.exit(0);
  }

  private static String rate(SocketPeer peer, Path partner, String order, long bytes)
      throws Exception {
    long start = System.nanoTime();
    if (order.equals("receive")) {
      long count = peer.receive(partner, bytes);
      if (count != bytes) {
        throw new IllegalStateException(count + " bytes came, not " + bytes);
      }
    } else {
      peer.send(partner, bytes);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return String.format(Locale.ROOT, "%.4f", bytes / seconds / (1L << 30));
  }

  private static String trips(long[] nanos) {
    Arrays.sort(nanos);
    return String.format(
        Locale.ROOT,
        "%.2f %.2f",
        nanos[nanos.length / 2] / 1e3,
        nanos[nanos.length - nanos.length / 100 - 1] / 1e3);
  }
}
