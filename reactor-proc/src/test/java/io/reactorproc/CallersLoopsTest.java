/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;

/** Children on event loops that belong to somebody else. */
class CallersLoopsTest {
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("callers-loop", true), EpollIoHandler.newFactory());

  @AfterEach
  void shutDown() {
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void children_areWatchedAndHeardThere() {
    ProcessRuntime runtime = ProcessRuntime.on(EventLoops.of(group));

    String thread =
        Command.of("echo", "x")
            .on(runtime)
            .lines()
            .map(line -> Thread.currentThread().getName())
            .blockLast(Limits.SOON);

    assertThat(thread).startsWith("callers-loop");
    Battery.run(runtime);
  }

  @Test
  void loopsOfReactorNetty_serveChildrenToo() {
    LoopResources server = LoopResources.create("a-server", 1, true);
    try {
      EventLoopGroup loops = server.onServer(true);
      ProcessRuntime runtime = ProcessRuntime.on(EventLoops.of((IoEventLoopGroup) loops));

      String thread =
          Command.of("echo", "x")
              .on(runtime)
              .lines()
              .map(line -> Thread.currentThread().getName())
              .blockLast(Limits.SOON);

      assertThat(thread).startsWith("a-server");
      Battery.run(runtime);
    } finally {
      server.disposeLater(Duration.ZERO, Limits.SOON).block(Limits.SOON);
    }
  }

  @Test
  void loopsThatAreShutDown_areAFailedStart() {
    ProcessRuntime runtime = ProcessRuntime.on(EventLoops.of(group));
    shutDown();

    failsToStart(runtime);
  }

  @Test
  void loopsThatShutDownDuringTheSpawn_areAFailedStartAndTheChildIsEnded() {
    Kernel kernel =
        new FaultyKernel() {
          @Override
          public int spawn(SpawnRequest request, SpawnArena arena) throws SystemCallException {
            shutDown();
            return super.spawn(request, arena);
          }
        };
    ExitWatch.Factory pidfd = ExitWatch.Factory.pidfd();

    failsToStart(new ProcessRuntime(EventLoops.of(group), kernel, pidfd));
  }

  private static void failsToStart(ProcessRuntime runtime) {
    StepVerifier.create(Command.of("sleep", "1000").stdin(Stdin.pipe()).on(runtime).start())
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(ProcessStartException.class)
                    .hasMessageContaining("event loop is shut down"))
        .verify(Limits.SOON);
    assertThat(runtime.liveChildren()).isZero();
    assertThat(Proc.children()).isEmpty();
  }
}
