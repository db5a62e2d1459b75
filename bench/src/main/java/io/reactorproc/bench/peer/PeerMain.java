/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The program of a peer. Its first argument names the library, the others are the {@link Plan}.
 * Then it does what it reads on stdin: {@code warm} is answered by {@code ready}, {@code round} by
 * {@code result key=value ...}, anything that goes wrong by {@code failure ...} and the end.
 */
public final class PeerMain {
  private PeerMain() {}

  /** Serves until the end of stdin. */
  public static void main(String[] arguments) {
    PrintStream replies = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int threadsOfTheJvm = Usage.threads() - 1;
    try {
      Peer peer = peer(arguments[0]);
      Plan plan = Plan.parse(Arrays.asList(arguments).subList(1, arguments.length));
      Check.equal(peer.exitCode(List.of("/bin/sh", "-c", "exit 7")), 7, "the code of exit 7");
      List<byte[]> touched = touch(plan.touch());
      serve(new Rounds(peer, threadsOfTheJvm), plan, replies);
      Check.equal(touched.size(), plan.touch() >> 20, "MiB of touched heap");
      System.exit(0);
    } catch (Exception | Error e) {
      e.printStackTrace();
      replies.println("failure " + e.toString().replace('\n', ' '));
      System.exit(1);
    }
  }

  private static Peer peer(String name) {
    return switch (name) {
      case "reactor-proc" -> new ReactorProcPeer();
      case "process-builder" -> new ProcessBuilderPeer();
      case "nuprocess" -> new NuProcessPeer();
      default -> throw new IllegalArgumentException("no peer " + name);
    };
  }

  /** Heap in pieces of 1 MiB, every page of them written. */
  private static List<byte[]> touch(long bytes) {
    List<byte[]> pieces = new ArrayList<>();
    for (long done = 0; done < bytes; done += 1 << 20) {
      byte[] piece = new byte[1 << 20];
      Arrays.fill(piece, (byte) 1);
      pieces.add(piece);
    }
    return pieces;
  }

  private static void serve(Rounds rounds, Plan plan, PrintStream replies) throws Exception {
    BufferedReader words =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String word = words.readLine(); word != null; word = words.readLine()) {
      if (word.equals("warm")) {
        rounds.warmUp(plan);
        replies.println("ready");
      } else {
        replies.println(result(rounds.run(plan)));
      }
    }
  }

  private static String result(Map<String, Double> metrics) {
    return metrics.entrySet().stream()
        .map(metric -> metric.getKey() + "=" + metric.getValue())
        .collect(Collectors.joining(" ", "result ", ""));
  }
}
