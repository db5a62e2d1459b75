/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;

/** Demand reaches the child. */
class BackPressureTest {
  private static final long MOST_WRITTEN = (1 << 20) + (1 << 20); // a pipe, grown, and 1 MiB

  @Test
  void childThatWritesWithoutEnd_waitsWhenNobodyAsks() {
    RunningProcess yes = Command.of("yes").start().block(Limits.SOON);
    assertThat(yes).isNotNull();
    int pid = yes.pid().orElseThrow();
    Counter counter = new Counter();
    try {
      yes.stdout().subscribe(counter);
      counter.request(3);
      Await.until("three chunks came", () -> counter.chunks.get() == 3);
      Await.until("the child blocks in write", () -> Proc.state(pid).orElse('?') == 'S');

      long written = BackPressure.written(pid);
      long used = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
      assertThat(written).isLessThanOrEqualTo(MOST_WRITTEN);

      // It stays so: a second look after another child has come and gone through the same loops.
      Command.of("seq", "1", "200000").lines().blockLast(Limits.SOON);
      assertThat(BackPressure.written(pid)).isEqualTo(written);
      assertThat(counter.chunks).hasValue(3);
      assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory())
          .isLessThanOrEqualTo(used + (16 << 20));
    } finally {
      yes.dispose();
      yes.exit().block(Limits.SOON);
    }
  }

  @Test
  void demandOneByOne_givesEachLineOnce() {
    StepVerifier.create(Command.of("seq", "1", "5").lines(), 0)
        .thenRequest(1)
        .expectNext("1")
        .thenRequest(2)
        .expectNext("2", "3")
        .thenRequest(2)
        .expectNext("4", "5")
        .expectComplete()
        .verify(Limits.SOON);
  }

  @Test
  void slowReader_losesNothingAfterTheExit() {
    Command burst =
        Command.of("head", "-c", "60000", "/dev/zero").outputGrace(Duration.ofMillis(20));
    AtomicInteger received = new AtomicInteger();

    StepVerifier.create(
            burst
                .bytes()
                .doOnNext(
                    chunk -> {
                      received.addAndGet(chunk.readableBytes());
                      chunk.release();
                    })
                .then(),
            1)
        .expectComplete()
        .verify(Limits.SOON);

    assertThat(received).hasValue(60_000);
  }

  /** Requests only what the test says. */
  private static final class Counter extends BaseSubscriber<ByteBuf> {
    final AtomicInteger chunks = new AtomicInteger();

    @Override
    protected void hookOnSubscribe(Subscription subscription) {}

    @Override
    protected void hookOnNext(ByteBuf chunk) {
      chunks.incrementAndGet();
      chunk.release();
    }
  }
}
