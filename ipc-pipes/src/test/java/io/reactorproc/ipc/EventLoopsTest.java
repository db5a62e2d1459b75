/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;

@Timeout(60)
final class EventLoopsTest {
  private static Thread threadOf(IoEventLoop loop) {
    return loop.submit(Thread::currentThread).syncUninterruptibly().getNow();
  }

  @Test
  void theSharedThreads_areNamedDaemonAndNonBlocking() {
    Thread thread = threadOf(EventLoops.shared().next());

    assertThat(thread.getName()).startsWith("reactor-proc-epoll-");
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread).isInstanceOf(NonBlocking.class);
  }

  @Test
  void block_failsAtOnceOnASharedThread() {
    assertThatThrownBy(
            () ->
                EventLoops.shared()
                    .next()
                    .submit(() -> Mono.never().block())
                    .get(10, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not supported");
  }

  @Test
  void theSharedLoops_areAtMostFourAndTakenInTurn() {
    int expected = Math.min(4, Runtime.getRuntime().availableProcessors());
    Set<IoEventLoop> loops = new HashSet<>();
    for (int i = 0; i < 16; i++) {
      loops.add(EventLoops.shared().next());
    }

    assertThat(loops).hasSize(expected);
    assertThat(EventLoops.shared()).isSameAs(EventLoops.shared());
  }

  @Test
  void theCallersOwnGroup_deliversItsStreams() {
    try (OneLoop own = new OneLoop();
        Pipe pipe = Ends.pipe()) {
      Thread[] delivering = {Thread.currentThread()};
      ByteProbe probe =
          new ByteProbe(first -> first.request(1), each -> delivering[0] = Thread.currentThread());
      DescriptorStreams.read(pipe.readEnd(), own.loops()).subscribe(probe);
      Ends.raw(pipe.writeEnd()).say("x");
      probe.awaitChunks(1);
      probe.cancel();
      own.settle();

      assertThat(delivering[0]).isSameAs(threadOf(own.loop()));
    }
  }

  @Test
  void aGroupThatIsNotEpolls_isRefused() {
    MultiThreadIoEventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      assertThatThrownBy(() -> EventLoops.of(nio))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("EpollIoHandler");
    } finally {
      nio.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }
}
