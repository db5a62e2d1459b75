/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Much data, and many children. */
class BigStreamsTest {
  private static final Duration LONG = Duration.ofMinutes(2);

  @Test
  void threeGibibytes_areCountedExactly() {
    long size = 3L << 30;

    Mono<Long> counted =
        Command.of("head", "-c", Long.toString(size), "/dev/zero")
            .bytes()
            .map(BigStreamsTest::consume)
            .reduce(0L, Long::sum);

    assertThat(counted.block(LONG)).isEqualTo(size);
  }

  @Test
  void sixtyFourMebibytes_goIntoAndComeOutOfOneChildAtOnce() {
    byte[] block = new byte[64 * 1024];
    new Random(42).nextBytes(block);
    CRC32 sent = new CRC32();
    CRC32 received = new CRC32();
    Flux<ByteBuf> input =
        Flux.range(0, 1024)
            .map(
                i -> {
                  byte[] chunk = block.clone();
                  chunk[i] ^= 1;
                  sent.update(chunk);
                  return Unpooled.wrappedBuffer(chunk);
                });

    Mono<Long> echoed =
        Command.of("cat")
            .stdin(Stdin.publisher(input))
            .bytes()
            .doOnNext(chunk -> received.update(chunk.nioBuffer()))
            .map(BigStreamsTest::consume)
            .reduce(0L, Long::sum);

    assertThat(echoed.block(LONG)).isEqualTo(64L << 20);
    assertThat(received.getValue()).isEqualTo(sent.getValue());
  }

  @Test
  void aThousandLiveChildren_needNoFurtherThread() {
    Command cat = Command.of("cat").stdin(Stdin.pipe());
    RunningProcess first = cat.start().block(LONG);
    assertThat(first).isNotNull();
    int threads = Proc.threads().size();

    List<RunningProcess> living =
        Flux.range(0, 1000).flatMap(i -> cat.start(), 16).collectList().block(LONG);
    assertThat(living).hasSize(1000);
    Mono<Long> answers =
        Flux.fromIterable(living)
            .flatMap(
                child ->
                    child
                        .stdin()
                        .write(child.pid().orElseThrow() + "\n")
                        .then(child.lines().next())
                        .filter(line -> line.equals("" + child.pid().orElseThrow())),
                1000)
            .count();

    try {
      assertThat(answers.block(LONG)).isEqualTo(1000);
      assertThat(Proc.threads().size()).isLessThanOrEqualTo(threads + 8);
    } finally {
      first.dispose();
      living.forEach(RunningProcess::dispose);
      Flux.fromIterable(living).flatMap(RunningProcess::exit, 1000).blockLast(LONG);
      first.exit().block(LONG);
    }
  }

  private static long consume(ByteBuf chunk) {
    long size = chunk.readableBytes();
    chunk.release();
    return size;
  }
}
