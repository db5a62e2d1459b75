/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Unix stream sockets beside Netty, blocking {@code java.nio} and C: each in a process of its own,
 * all against the same partner in C, in rounds that take turns.
 *
 * <p>Run it with {@code taskset -c 0} for one processor and without for all. Its arguments are the
 * MiB of a stream (1024 by default), the round trips (100,000) and the number of rounds (7).
 */
final class SocketCost {
  private static final List<String> PEERS = List.of("C", "nio", "netty", "reactor-proc");

  /** The reference once more, with the wait of an event loop: for round trips only. */
  private static final String C_WITH_EPOLL = "C with epoll";

  /** On one processor the compiler takes its time from the code that it compiles. */
  private static final int WARM_UPS = 6;

  private SocketCost() {}

  public static void main(String[] arguments) throws Exception {
    long bytes = (arguments.length > 0 ? Long.parseLong(arguments[0]) : 1024) << 20;
    int trips = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 7;
    Path root = Path.of(System.getProperty("bench.root", "."));
    Natives natives =
        new Natives(root.resolve("bench/src/main/c"), root.resolve("bench/target/native"));
    natives.build();
    if (!natives.isAvailable()) {
      throw new IllegalStateException("the partner needs a C compiler");
    }
    Path program = natives.directory().resolve("partner");
    Path directory = Files.createTempDirectory("socket-cost");
    Path socket = directory.resolve("partner");
    List<Peer> all = new ArrayList<>();
    Process partner = new ProcessBuilder(program.toString(), "serve", socket.toString()).start();
    try {
      for (String name : PEERS) {
        all.add(new Peer(name, command(name, program, socket)));
      }
      compare("receive", "receive " + bytes, all, rounds, true);
      compare("send", "send " + bytes, all, rounds, true);
      all.add(1, new Peer(C_WITH_EPOLL, command("C", program, socket)));
      compare("round trip", "trips " + trips, all, rounds, false);
    } finally {
      all.forEach(Peer::end);
      partner.destroy();
      partner.waitFor(10, TimeUnit.SECONDS);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  private static List<String> command(String name, Path program, Path socket) {
    if (name.equals("C")) {
      return List.of(program.toString(), "measure", socket.toString());
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmn384m", "-Xmx1g"));
    command.add("-Dio.netty.leakDetection.level=disabled");
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    if (Runtime.version().feature() >= 23) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.reactorproc.bench.socket.SocketPeerMain", name, socket.toString()));
    return command;
  }

  /** One workload: every figure of every peer, medians, and the ratio to the better of two. */
  private static void compare(
      String title, String order, List<Peer> peers, int rounds, boolean more) throws IOException {
    for (Peer peer : peers) {
      peer.figures.clear();
      for (int i = 0; i < WARM_UPS; i++) {
        peer.ask(order);
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (Peer peer : peers) {
        peer.figures.add(peer.ask(order));
      }
    }
    System.out.println(title + (more ? ", GiB/s:" : ", µs (median, p99):"));
    double best = more ? 0 : Double.MAX_VALUE;
    for (Peer peer : peers) {
      double median = peer.median(0);
      if (peer.name.equals("nio") || peer.name.equals("netty")) {
        best = more ? Math.max(best, median) : Math.min(best, median);
      }
    }
    for (Peer peer : peers) {
      double median = peer.median(0);
      Samples samples = peer.samples(0);
      System.out.printf(
          Locale.ROOT,
          "  %-14s %8.2f (%.2f to %.2f)%s  %.2f of the better of Netty and java.nio%n",
          peer.name,
          median,
          samples.min(),
          samples.max(),
          more ? "" : String.format(Locale.ROOT, ", p99 %.2f", peer.median(1)),
          more ? median / best : best / median);
    }
  }

  /** One program that waits for orders. */
  private static final class Peer {
    final String name;

    /** What each round of one workload answered. */
    final List<List<Double>> figures = new ArrayList<>();

    private final Process process;
    private final PrintWriter orders;
    private final BufferedReader replies;

    Peer(String name, List<String> command) throws IOException {
      this.name = name;
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      orders = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
      replies =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    Samples samples(int figure) {
      return new Samples(figures.stream().map(each -> each.get(figure)).toList());
    }

    double median(int figure) {
      return samples(figure).median();
    }

    List<Double> ask(String order) throws IOException {
      orders.println(name.equals(C_WITH_EPOLL) ? order.replace("trips", "loop") : order);
      String reply = replies.readLine();
      if (reply == null) {
        throw new IOException(name + " ended at " + order);
      }
      return List.of(reply.split(" ", -1)).stream().map(Double::valueOf).toList();
    }

    void end() {
      orders.close();
      process.destroy();
    }
  }
}
