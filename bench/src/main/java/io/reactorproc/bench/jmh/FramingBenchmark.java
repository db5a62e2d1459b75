/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.frame.Framing;
import io.reactorproc.ipc.frame.LengthField;
import java.util.ArrayList;
import java.util.Arrays;
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

/**
 * How many MiB a second are cut into frames, out of chunks of 64 KiB in direct memory. {@code none}
 * is the same without frames. The score is in MiB of contents.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC", "-Dio.netty.leakDetection.level=disabled"})
public class FramingBenchmark {
  private static final int MEBIBYTES = 16;
  private static final int CHUNK = 64 * 1024;

  /** How frames are told apart. */
  @Param({"none", "u32", "content-length", "netstrings", "lines"})
  public String framing = "none";

  /** How long the content of each is, in bytes. */
  @Param({"100", "1000", "10000", "100000"})
  public int length = 1000;

  private final List<ByteBuf> chunks = new ArrayList<>();

  private Framing framing() {
    return switch (framing) {
      case "content-length" -> Framing.contentLength();
      case "netstrings" -> Framing.netstrings();
      case "lines" -> Framing.lines();
      default -> Framing.lengthPrefixed(LengthField.U32);
    };
  }

  /** Fills the chunks. */
  @Setup(Level.Trial)
  public void fill() {
    byte[] content = new byte[length];
    Arrays.fill(content, (byte) 'x');
    ByteBuf all = Unpooled.buffer();
    for (int left = MEBIBYTES * 1024 * 1024 / length; left > 0; left--) {
      ByteBuf frame = framing().encode(Unpooled.wrappedBuffer(content));
      all.writeBytes(frame);
      frame.release();
    }
    while (all.isReadable()) {
      int size = Math.min(CHUNK, all.readableBytes());
      chunks.add(ByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(all, size));
    }
  }

  /** Gives the chunks back. */
  @TearDown(Level.Trial)
  public void release() {
    chunks.forEach(ByteBuf::release);
    chunks.clear();
  }

  /** Nothing is done with a frame, so that what is left is the cost of finding it. */
  @Benchmark
  @OperationsPerInvocation(MEBIBYTES)
  public void cut(Blackhole sink) {
    frames()
        .subscribe(
            frame -> {
              sink.consume(frame.readableBytes());
              frame.release();
            });
  }

  /** Each frame is copied once, as who parses it does. */
  @Benchmark
  @OperationsPerInvocation(MEBIBYTES)
  public void cutAndCopy(Blackhole sink) {
    byte[] copy = new byte[Math.max(length, CHUNK)];
    frames()
        .subscribe(
            frame -> {
              frame.getBytes(frame.readerIndex(), copy, 0, frame.readableBytes());
              sink.consume(copy);
              frame.release();
            });
  }

  private Flux<ByteBuf> frames() {
    Flux<ByteBuf> source = Flux.fromIterable(chunks).map(ByteBuf::retainedDuplicate);
    return framing.equals("none") ? source : framing().decode(source);
  }
}
