/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Where Netty is denied Unsafe, direct buffers tell no address: reading and writing still work. */
final class NoUnsafeTest {
  /** The program: 1 MiB in three kinds of buffers through a pipe. */
  static final class Copy {
    private static final int PIECE = 4096;
    private static final int PIECES = 256;

    private Copy() {}

    public static void main(String[] args) throws Exception {
      Pipe pipe = Pipe.open();
      ByteProbe probe = ByteProbe.unbounded();
      DescriptorStreams.read(pipe.readEnd()).subscribe(probe);
      ByteSink sink =
          Objects.requireNonNull(
              DescriptorStreams.write(pipe.writeEnd()).block(Duration.ofSeconds(20)));
      sink.write(Flux.range(0, PIECES).map(Copy::piece)).block(Duration.ofSeconds(20));
      sink.close().block(Duration.ofSeconds(20));
      byte[] bytes = probe.awaitComplete().bytes();
      boolean same = bytes.length == PIECE * PIECES;
      for (int i = 0; same && i < bytes.length; i++) {
        same = bytes[i] == (byte) (i / PIECE);
      }
      ByteBuf direct = PooledByteBufAllocator.DEFAULT.directBuffer(PIECE);
      System.out.println("addresses: " + direct.hasMemoryAddress() + ", same: " + same);
      direct.release();
    }

    private static ByteBuf piece(int number) {
      byte[] content = new byte[PIECE];
      Arrays.fill(content, (byte) number);
      PooledByteBufAllocator pool = PooledByteBufAllocator.DEFAULT;
      return switch (number % 3) {
        case 0 -> pool.directBuffer(PIECE).writeBytes(content);
        case 1 -> pool.heapBuffer(PIECE).writeBytes(content);
        default ->
            pool.compositeBuffer()
                .addComponent(true, pool.directBuffer().writeBytes(content, 0, 1000))
                .addComponent(true, pool.directBuffer().writeBytes(content, 1000, PIECE - 1000));
      };
    }
  }

  @Test
  void streams_workWithoutMemoryAddresses(@TempDir Path directory) {
    ChildJvm.Outcome outcome =
        ChildJvm.run(directory, Copy.class, List.of("-Dio.netty.noUnsafe=true"));

    // From JDK 22 on, Netty finds the addresses by java.lang.foreign.
    boolean addresses = Runtime.version().feature() >= 22;
    assertThat(outcome.output()).contains("addresses: " + addresses + ", same: true");
  }

  @Test
  @EnabledForJreRange(
      min = JRE.JAVA_24,
      disabledReason = "--sun-misc-unsafe-memory-access=deny came with JDK 24")
  void streams_workWhereTheJvmDeniesUnsafe(@TempDir Path directory) {
    ChildJvm.Outcome outcome =
        ChildJvm.run(directory, Copy.class, List.of("--sun-misc-unsafe-memory-access=deny"));

    assertThat(outcome.output()).contains("same: true");
  }

  @Test
  void streams_workWithThem(@TempDir Path directory) {
    ChildJvm.Outcome outcome = ChildJvm.run(directory, Copy.class, List.of());

    assertThat(outcome.output()).contains("addresses: true, same: true");
  }
}
