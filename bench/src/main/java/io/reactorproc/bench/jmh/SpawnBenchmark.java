/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.jmh;

import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.Output;
import io.reactorproc.ProcessResult;
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
import reactor.core.publisher.Flux;

/** Start and reap of {@code true}; the time is that of one child. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC"})
public class SpawnBenchmark {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int CHILDREN = 64;
  private static final int IN_FLIGHT = 16;

  private final Command command = Command.of("/bin/true");
  private final Command without = command.stderr(Output.discard());

  /** As users write it: stdout discarded, of stderr an excerpt kept. */
  @Benchmark
  public @Nullable ExitStatus exit() {
    return command.exit().block(TIMEOUT);
  }

  /** With no pipe at all. */
  @Benchmark
  public @Nullable ExitStatus exitWithoutPipes() {
    return without.exit().block(TIMEOUT);
  }

  /** Both outputs captured. */
  @Benchmark
  public @Nullable ProcessResult capture() {
    return command.output().block(TIMEOUT);
  }

  /** Many at a time. */
  @Benchmark
  @OperationsPerInvocation(CHILDREN)
  public @Nullable Long manyAtATime() {
    return Flux.range(0, CHILDREN).flatMap(i -> command.exit(), IN_FLIGHT).count().block(TIMEOUT);
  }
}
