/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.jmh;

import io.reactorproc.Command;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to get output as events; the time is that of one line, or of 64 KiB. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC"})
public class EventsBenchmark {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int LINES = 1_000_000;
  private static final int CHUNKS = 4_096;

  private final Command lines = Command.of("/usr/bin/seq", "1", Integer.toString(LINES));
  private final Command chunks =
      Command.of("/usr/bin/head", "-c", Integer.toString(CHUNKS * 65_536), "/dev/zero");

  /** Each line an event. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public @Nullable Long lineEvents() {
    return lines.lineEvents().count().block(TIMEOUT);
  }

  /** Each line a text, without an event around it. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public @Nullable Long lines() {
    return lines.lines().count().block(TIMEOUT);
  }

  /** Each chunk an event that keeps a copy. */
  @Benchmark
  @OperationsPerInvocation(CHUNKS)
  public @Nullable Long chunkEvents() {
    return chunks.events().count().block(TIMEOUT);
  }
}
