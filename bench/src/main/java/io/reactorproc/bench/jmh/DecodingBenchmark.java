/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.reactorproc.ipc.RecordBatch;
import io.reactorproc.ipc.Records;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.infra.Blackhole;
import reactor.core.publisher.Flux;

/** How many lines a second are cut from chunks in direct memory. The score is in lines. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC", "-Dio.netty.leakDetection.level=disabled"})
public class DecodingBenchmark {

  private static final int LINES = 200_000;
  private static final int CHUNK = 64 * 1024;

  /** Numbers as {@code seq} writes them, or lines of a log. */
  @Param({"numbers", "log"})
  public String input = "numbers";

  private final List<ByteBuf> chunks = new ArrayList<>();

  /** Fills the chunks. */
  @Setup(Level.Trial)
  public void fill() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      if (input.equals("log")) {
        text.append("2026-01-01T00:00:00 host daemon[4711]: a line of the usual length, number ");
      }
      text.append(1_000_000 + i).append('\n');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += CHUNK) {
      int size = Math.min(CHUNK, bytes.length - from);
      chunks.add(ByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(bytes, from, size));
    }
  }

  /** Gives the chunks back. */
  @TearDown(Level.Trial)
  public void release() {
    chunks.forEach(ByteBuf::release);
    chunks.clear();
  }

  /** Each line a {@code String}. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void text(Blackhole sink) {
    Records.lines().decodeText(source()).subscribe(sink::consume);
  }

  /** Each line a slice. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void slices(Blackhole sink) {
    Records.lines()
        .decode(source())
        .subscribe(
            slice -> {
              sink.consume(slice.readableBytes());
              slice.release();
            });
  }

  /** Each line a pair of positions in a batch. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void batches(Blackhole sink) {
    Records.lines().decodeBatches(source()).subscribe(batch -> consume(batch, sink));
  }

  private static void consume(RecordBatch batch, Blackhole sink) {
    long bytes = 0;
    for (int i = 0; i < batch.size(); i++) {
      bytes += batch.length(i);
    }
    sink.consume(bytes);
    batch.release();
  }

  private Flux<ByteBuf> source() {
    return Flux.fromIterable(chunks).map(ByteBuf::retainedDuplicate);
  }
}
