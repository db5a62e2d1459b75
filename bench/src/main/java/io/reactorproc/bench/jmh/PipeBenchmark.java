/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.flow.WriteOutcome;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writing and reading through a pipe within this JVM, without any child; the time is that of one
 * buffer on its way through both ends.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC"})
public class PipeBenchmark {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int BUFFERS = 1_000;

  /** The size of a buffer. */
  @Param({"64", "65536"})
  public int bytes = 64;

  private @Nullable ByteSink sink;
  private ByteBuf block = Unpooled.EMPTY_BUFFER;
  private final Semaphore arrived = new Semaphore(0);
  private long received;

  /** Opens the pipe and starts to read. */
  @Setup(Level.Trial)
  public void open() throws Exception {
    Pipe pipe = Pipe.open();
    block = Unpooled.unreleasableBuffer(Unpooled.directBuffer(bytes).writeZero(bytes));
    long round = (long) bytes * BUFFERS;
    DescriptorStreams.read(pipe.readEnd())
        .subscribe(
            buffer -> {
              received += buffer.readableBytes();
              buffer.release();
              if (received == round) {
                received = 0;
                arrived.release();
              }
            });
    sink = DescriptorStreams.write(pipe.writeEnd()).block(TIMEOUT);
  }

  /** Ends the stream. */
  @TearDown(Level.Trial)
  public void close() {
    Objects.requireNonNull(sink).close().block(TIMEOUT);
  }

  /** A publisher of many buffers. */
  @Benchmark
  @OperationsPerInvocation(BUFFERS)
  public @Nullable WriteOutcome stream() throws InterruptedException {
    WriteOutcome outcome =
        Objects.requireNonNull(sink)
            .write(Flux.range(0, BUFFERS).map(i -> block.duplicate()))
            .block(TIMEOUT);
    arrived.acquire();
    return outcome;
  }

  /** A write of its own for each buffer. */
  @Benchmark
  @OperationsPerInvocation(BUFFERS)
  public @Nullable Long single() throws InterruptedException {
    ByteSink to = Objects.requireNonNull(sink);
    Long writes =
        Flux.range(0, BUFFERS)
            .concatMap(i -> to.write(Mono.just(block.duplicate())))
            .count()
            .block(TIMEOUT);
    arrived.acquire();
    return writes;
  }
}
