/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.peer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Runs one round of a plan, and answers its metrics by name. */
final class Rounds {
  private static final double GIB = 1L << 30;

  private final Peer peer;
  private final int threadsOfTheJvm;
  private long residentAtRest;

  /**
   * @param threadsOfTheJvm the threads that there are without any library, main left out
   */
  Rounds(Peer peer, int threadsOfTheJvm) {
    this.peer = peer;
    this.threadsOfTheJvm = threadsOfTheJvm;
  }

  /**
   * Until it has taken so much processor time, since a busy machine gives the compiler less; and by
   * the clock for those that mostly wait. Children that take long themselves leave the code that
   * starts them cold, so there are tiny ones in between.
   */
  void warmUp(Plan plan) throws Exception {
    Deadline deadline = Deadline.in(plan.warmNanos() * 5 / 4);
    long cpu = Usage.cpuNanos();
    do {
      if (plan.kind().equals("exit")) { // its own rounds sleep, and would leave the code cold
        peer.capture(List.of("/bin/echo", "x"), "x", 1, Deadline.in(plan.warmNanos() / 8));
      }
      if (!plan.warmProgram().isEmpty()) {
        Deadline part = Deadline.in(plan.warmNanos() / 20);
        peer.spawn(List.of(plan.warmProgram()), plan.inFlight(), part);
      }
      run(plan.warming());
    } while (Usage.cpuNanos() - cpu < plan.warmNanos() && !deadline.passed());
    System.gc();
    residentAtRest = Usage.residentBytes();
  }

  Map<String, Double> run(Plan plan) throws Exception {
    return switch (plan.kind()) {
      case "spawn", "spawn-duties" ->
          children(() -> peer.spawn(plan.command(), plan.inFlight(), Deadline.in(plan.nanos())));
      case "spawn-unpiped" ->
          children(
              () -> peer.spawnUnpiped(plan.command(), plan.inFlight(), Deadline.in(plan.nanos())));
      case "capture" ->
          children(
              () ->
                  peer.capture(
                      plan.command(), plan.expect(), plan.inFlight(), Deadline.in(plan.nanos())));
      case "output" -> stream(plan, () -> peer.output(plan.command()));
      case "echo" -> stream(plan, () -> peer.echo(plan.command(), plan.amount()));
      case "round-trip" ->
          latencies(peer.roundTrips(plan.command(), Math.toIntExact(plan.amount())));
      case "exit" -> latencies(peer.exits(plan.command(), Math.toIntExact(plan.amount())));
      case "lines" -> lines(plan);
      case "pipeline" -> pipeline(plan);
      case "crowd" -> crowd(plan);
      default -> throw new IllegalArgumentException("no workload of kind '" + plan.kind() + "'");
    };
  }

  private interface Work<T> {
    T run() throws Exception;
  }

  /** What was measured around some work. */
  private record Measured<T>(T result, long nanos, long cpuNanos, OptionalLong allocated) {
    double seconds() {
      return nanos / 1e9;
    }
  }

  private <T> Measured<T> measure(Work<T> work) throws Exception {
    OptionalLong before = Usage.allocatedBytes(peer.keepsItsThreads());
    long cpu = Usage.cpuNanos();
    long start = System.nanoTime();
    T result = work.run();
    long nanos = System.nanoTime() - start;
    long cpuNanos = Usage.cpuNanos() - cpu;
    OptionalLong after = Usage.allocatedBytes(peer.keepsItsThreads());
    OptionalLong allocated =
        before.isPresent() && after.isPresent()
            ? OptionalLong.of(after.getAsLong() - before.getAsLong())
            : OptionalLong.empty();
    return new Measured<>(result, nanos, cpuNanos, allocated);
  }

  private Map<String, Double> children(Work<Long> work) throws Exception {
    Measured<Long> measured = measure(work);
    double children = measured.result();
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("rate", children / measured.seconds());
    metrics.put("cpu", measured.cpuNanos() / 1e3 / children);
    measured.allocated().ifPresent(bytes -> metrics.put("alloc", bytes / children));
    return metrics;
  }

  private Map<String, Double> stream(Plan plan, Work<Peer.Stream> work) throws Exception {
    Measured<Peer.Stream> measured = measure(work);
    Check.equal(measured.result().bytes(), plan.amount(), "bytes");
    double gib = measured.result().bytes() / GIB;
    double reads = measured.result().reads();
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("throughput", gib / measured.seconds());
    metrics.put("cpu", measured.cpuNanos() / 1e6 / gib);
    measured.allocated().ifPresent(bytes -> metrics.put("alloc", bytes / reads));
    return metrics;
  }

  private Map<String, Double> lines(Plan plan) throws Exception {
    Measured<Peer.Lines> measured = measure(() -> peer.lines(plan.command(), plan.form()));
    double millions = measured.result().count() / 1e6;
    Check.equal(measured.result().count(), plan.amount(), "lines");
    Check.equal(measured.result().bytes(), bytesOfSeq(plan.amount()), "bytes of the lines");
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("rate", millions / measured.seconds());
    metrics.put("cpu", measured.cpuNanos() / 1e6 / millions);
    measured
        .allocated()
        .ifPresent(bytes -> metrics.put("alloc", (double) bytes / measured.result().count()));
    return metrics;
  }

  /** The size of what {@code seq 1 last} writes. */
  static long bytesOfSeq(long last) {
    long bytes = last;
    for (long first = 1; first <= last; first *= 10) {
      bytes += last - first + 1;
    }
    return bytes;
  }

  /** The last stage has counted the bytes. */
  private Map<String, Double> pipeline(Plan plan) throws Exception {
    Measured<String> measured = measure(() -> peer.pipeline(plan.commands()));
    Check.equal(measured.result().trim(), Long.toString(plan.amount()), "the count");
    double gib = plan.amount() / GIB;
    return Map.of("throughput", gib / measured.seconds(), "cpu", measured.cpuNanos() / 1e6 / gib);
  }

  private Map<String, Double> crowd(Plan plan) throws Exception {
    int count = Math.toIntExact(plan.amount());
    long heap = Usage.heapBytes();
    long start = System.nanoTime();
    Peer.Crowd crowd = peer.crowd(plan.command(), count);
    long started = System.nanoTime() - start;
    double threads = Usage.threads() - threadsOfTheJvm;
    long heapAfter = Usage.heapBytes();
    long residentAfter = Usage.residentBytes();
    long killing = System.nanoTime();
    crowd.kill();
    long killed = System.nanoTime() - killing;
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("start", started / 1e6 / count);
    metrics.put("kill", killed / 1e6);
    metrics.put("threads", threads);
    metrics.put("rss", (residentAfter - residentAtRest) / 1024.0 / count);
    metrics.put("heap", (heapAfter - heap) / 1024.0 / count);
    return metrics;
  }

  private static Map<String, Double> latencies(long[] nanos) {
    Arrays.sort(nanos);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("p50", at(nanos, 0.5));
    metrics.put("p99", at(nanos, 0.99));
    metrics.put("p999", at(nanos, 0.999));
    return metrics;
  }

  /** The nearest rank, in microseconds. */
  private static double at(long[] sorted, double fraction) {
    int rank = (int) Math.ceil(fraction * sorted.length) - 1;
    return sorted[Math.max(0, rank)] / 1e3;
  }
}
