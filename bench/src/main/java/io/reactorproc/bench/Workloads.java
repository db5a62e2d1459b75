/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import static io.reactorproc.bench.PeerKind.C;
import static io.reactorproc.bench.PeerKind.PROCESS_BUILDER;
import static io.reactorproc.bench.PeerKind.REACTOR_PROC;

import io.reactorproc.bench.Workload.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which workloads there are. */
final class Workloads {
  private static final long GIB = 1L << 30;
  private static final int KIB = 1024;

  private static final Metric CHILDREN = Metric.speed("rate", "children/s");
  private static final Metric CPU_PER_CHILD = Metric.cost("cpu", "µs own CPU/child");
  private static final Metric BYTES_PER_CHILD = Metric.cost("alloc", "B allocated/child");
  private static final Metric THROUGHPUT = Metric.speed("throughput", "GiB/s");
  private static final Metric CPU_PER_GIB = Metric.cost("cpu", "ms own CPU/GiB");
  private static final Metric BYTES_PER_READ = Metric.cost("alloc", "B allocated/read");
  private static final Metric LINES = Metric.speed("rate", "M lines/s");
  private static final Metric CPU_PER_LINES = Metric.cost("cpu", "ms own CPU/M lines");
  private static final Metric BYTES_PER_LINE = Metric.cost("alloc", "B allocated/line");
  private static final Metric P50 = Metric.cost("p50", "µs p50");
  private static final Metric P99 = Metric.cost("p99", "µs p99");
  private static final Metric P999 = Metric.cost("p999", "µs p99.9");

  private final Scale scale;
  private final Path tiny;
  private final Path stamp;

  /**
   * All of them, at a scale.
   *
   * @param children the directory of the static children
   */
  static List<Workload> all(Scale scale, Path children) {
    return new Workloads(scale, children).list();
  }

  private Workloads(Scale scale, Path children) {
    this.scale = scale;
    this.tiny = children.resolve("tiny");
    this.stamp = children.resolve("stamp");
  }

  private List<Workload> list() {
    List<Workload> all = new ArrayList<>();
    addSpawning(all);
    addStreaming(all);
    addPipelines(all);
    addCrowds(all);
    return all;
  }

  private void addSpawning(List<Workload> all) {
    String program = program("true");
    all.add(
        spawn("spawn-true-1", "spawn `true`, 1 at a time", program, 1)
            .pinned()
            .quick()
            .targets(Target.ofC("rate", 0.95)));
    all.add(
        spawn("spawn-true-16", "spawn `true`, 16 at a time", program, 16)
            .targets(Target.ofC("rate", 1.08)));
    all.add(spawn("spawn-true-64", "spawn `true`, 64 at a time", program, 64));
    all.add(
        spawn("spawn-tiny-1", "spawn tiny, 1 at a time", tiny.toString(), 1)
            .pinned()
            .needs(Need.STATIC_CHILDREN)
            .targets(
                Target.ofC("rate", 0.82),
                Target.value("cpu", 45),
                Target.value("alloc", 16 * KIB)));
    // Like for like: the reference has no pipe, and exit() has one, for what is kept of stderr.
    all.add(
        Workload.of(
                "spawn-tiny-unpiped",
                "spawn tiny, 1 at a time, nothing piped",
                "spawn-unpiped",
                CHILDREN,
                CPU_PER_CHILD,
                BYTES_PER_CHILD)
            .with("argv", tiny)
            .with("in-flight", 1)
            .with("nanos", scale.round().toNanos())
            .pinned()
            .only(C, PROCESS_BUILDER, REACTOR_PROC)
            .needs(Need.STATIC_CHILDREN)
            .targets(Target.ofC("rate", 0.82), Target.value("cpu", 45)));
    all.add(
        Workload.of(
                "spawn-tiny-duties",
                "spawn tiny, 1 at a time, C with the duties of a library",
                "spawn-duties",
                CHILDREN,
                CPU_PER_CHILD,
                BYTES_PER_CHILD)
            .with("argv", tiny)
            .with("in-flight", 1)
            .with("nanos", scale.round().toNanos())
            .pinned()
            .only(C, REACTOR_PROC)
            .needs(Need.STATIC_CHILDREN));
    all.add(
        spawn("spawn-tiny-16", "spawn tiny, 16 at a time", tiny.toString(), 16)
            .needs(Need.STATIC_CHILDREN)
            .targets(Target.ofC("rate", 1.12)));
    all.add(
        spawn("spawn-tiny-64", "spawn tiny, 64 at a time", tiny.toString(), 64)
            .needs(Need.STATIC_CHILDREN));
    all.add(capture(1).pinned().targets(Target.ofC("rate", 0.92)));
    all.add(capture(16).quick().targets(Target.ofC("rate", 1.04)));
    all.add(
        spawn("spawn-heap", "spawn `true`, 1 at a time, 4 GiB of touched heap", program, 1)
            .pinned()
            .with("touch", 4 * GIB)
            .only(C, PROCESS_BUILDER, REACTOR_PROC)
            .needs(Need.MEMORY)
            .targets(Target.ofC("rate", 0.95)));
  }

  private Workload spawn(String name, String title, String program, int inFlight) {
    return timed(Workload.of(name, title, "spawn", CHILDREN, CPU_PER_CHILD, BYTES_PER_CHILD))
        .with("argv", program)
        .with("in-flight", inFlight);
  }

  private Workload timed(Workload workload) {
    return workload
        .with("nanos", scale.round().toNanos())
        .with("warm-program", Files.isExecutable(tiny) ? tiny : "");
  }

  private Workload capture(int inFlight) {
    String name = "capture-echo-" + inFlight;
    String title = "spawn and capture `echo`, " + inFlight + " at a time";
    return timed(Workload.of(name, title, "capture", CHILDREN, CPU_PER_CHILD, BYTES_PER_CHILD))
        .with("argv", program("echo") + " reactor-proc")
        .with("expect", "reactor-proc")
        .with("in-flight", inFlight);
  }

  private void addStreaming(List<Workload> all) {
    Workload output =
        sized(Workload.of("output", "output of `head -c`", "output", streamMetrics()), 4 * GIB)
            .with("argv", program("head") + " -c {} /dev/zero");
    // Nothing per read, and what the child itself costs is spread over all of them.
    all.add(
        output.pinned().quick().targets(Target.ofC("throughput", 0.97), Target.value("alloc", 1)));
    all.add(output);
    Workload echo =
        sized(Workload.of("echo", "echo through `cat`", "echo", streamMetrics()), GIB)
            .with("argv", program("cat"));
    all.add(echo.pinned().quick().targets(Target.ofC("throughput", 0.88)));
    // C with big pipes from the start: what a library may reach by growing them.
    all.add(echo.with("pipe-size", 512 * KIB).targets(Target.ofC("throughput", 0.80)));
    all.add(
        sized(
                Workload.of(
                    "round-trip", "round trip of 64 B through `cat`", "round-trip", P50, P99, P999),
                400_000)
            .with("argv", program("cat"))
            .pinned()
            .quick()
            .targets(Target.ofC("p50", 1.4), Target.ofC("p99", 1.8)));
    all.add(lines("text").pinned().quick().targets(Target.ofC("rate", 0.45)));
    all.add(lines("slices").pinned().targets(Target.ofC("rate", 0.65)));
    all.add(lines("batches").pinned().targets(Target.ofC("rate", 0.65)));
  }

  private static Metric[] streamMetrics() {
    return new Metric[] {THROUGHPUT, CPU_PER_GIB, BYTES_PER_READ};
  }

  private Workload lines(String form) {
    String title = "lines of `seq`, as " + form;
    return sized(
            Workload.of("lines-" + form, title, "lines", LINES, CPU_PER_LINES, BYTES_PER_LINE),
            20_000_000)
        .with("argv", program("seq") + " 1 {}")
        .with("form", form);
  }

  private Workload sized(Workload workload, long full) {
    long amount = scale.amount(full);
    return workload.with("amount", amount).with("warm-amount", Math.max(1, amount / 8));
  }

  /** NuProcess has none: what a user would write is a pump, and measured would be that. */
  private void addPipelines(List<Workload> all) {
    String stages =
        program("head") + " -c {} /dev/zero | " + program("cat") + " | " + program("wc") + " -c";
    Workload pipeline =
        sized(
                Workload.of(
                    "pipeline",
                    "pipeline of `head`, `cat`, `wc`",
                    "pipeline",
                    THROUGHPUT,
                    CPU_PER_GIB),
                4 * GIB)
            .with("argv", stages)
            .only(C, PROCESS_BUILDER, REACTOR_PROC);
    all.add(
        pipeline.pinned().quick().targets(Target.ofC("throughput", 0.97), Target.value("cpu", 5)));
    all.add(pipeline);
  }

  private void addCrowds(List<Workload> all) {
    all.add(scale.isQuick() ? crowd(200).quick() : crowd(1_000));
    all.add(crowd(4_000));
    all.add(
        Workload.of("exit-idle", "exit latency at idle", "exit", P50, P99)
            .with("argv", stamp)
            .with("amount", scale.isQuick() ? 25 : 250)
            .with("warm-amount", 10)
            .quick()
            .needs(Need.STATIC_CHILDREN)
            .targets(Target.value("p99", 1_000)));
  }

  private static Workload crowd(int children) {
    return Workload.of(
            "crowd-" + children,
            "crowd of " + children,
            "crowd",
            Metric.cost("start", "ms start/child"),
            Metric.cost("kill", "ms SIGKILL to last exit"),
            Metric.cost("threads", "threads, its own and main"),
            Metric.cost("rss", "KiB RSS/child"),
            Metric.cost("heap", "KiB heap/child"))
        .with("argv", program("sleep") + " 1000")
        .with("amount", children)
        .with("warm-amount", Math.max(20, children / 10))
        .needs(Need.DESCRIPTORS)
        .targets(
            Target.ofC("start", 1.2),
            Target.ofC("kill", 1.4),
            Target.value("threads", 12),
            Target.value("rss", 12));
  }

  /** The same file for all peers: looking it up in PATH is not what is compared. */
  private static String program(String name) {
    Path inBin = Path.of("/bin", name);
    return Files.isExecutable(inBin) ? inBin.toString() : "/usr/bin/" + name;
  }
}
