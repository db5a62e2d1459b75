/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.testkit.Await;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The way without pidfds does what the way with them does. */
class TimedWatchTest {
  private final ProcessRuntime timed =
      new ProcessRuntime(EventLoops.shared(), Kernel.system(), ExitWatch.Factory.timed());

  @Test
  void allWorksWithPidfds() {
    Battery.run(ProcessRuntime.shared());
  }

  @Test
  void allWorksWithoutPidfds() {
    Battery.run(timed);
  }

  @Test
  void endOfOutput_isFollowedAtOnceAndNotAfterThePause() throws Exception {
    IoEventLoop loop = EventLoops.shared().next();
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    AtomicInteger polls = new AtomicInteger();
    AtomicBoolean gone = new AtomicBoolean();
    Kernel kernel =
        new FaultyKernel() {
          @Override
          public WaitResult waitFor(boolean byPidfd, int id, int options) {
            polls.incrementAndGet();
            return gone.get() ? exited(3) : WaitResult.NOTHING;
          }
        };
    TimedWatch watch = new TimedWatch(kernel, loop, 1);
    loop.execute(() -> watch.start(result -> said.add("exit " + result.value())));
    Await.until("the pauses are long", () -> polls.get() >= 12);

    gone.set(true);
    loop.execute(
        () -> {
          watch.outputEnded();
          Later.run(loop, 5_000, () -> said.add("5 ms later"));
        });

    assertThat(said.poll(10, TimeUnit.SECONDS)).isEqualTo("exit 3");
    assertThat(said.poll(10, TimeUnit.SECONDS)).isEqualTo("5 ms later");
  }

  @Test
  void endOfOutput_isNotAnsweredWithinTheCall() throws Exception {
    IoEventLoop loop = EventLoops.shared().next();
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    Kernel kernel =
        new FaultyKernel() {
          @Override
          public WaitResult waitFor(boolean byPidfd, int id, int options) {
            return exited(3);
          }
        };
    TimedWatch watch = new TimedWatch(kernel, loop, 1);

    loop.execute(
        () -> {
          watch.start(result -> said.add("exit " + result.value()));
          watch.outputEnded();
          said.add("output ended");
        });

    assertThat(said.poll(10, TimeUnit.SECONDS)).isEqualTo("output ended");
    assertThat(said.poll(10, TimeUnit.SECONDS)).isEqualTo("exit 3");
    loop.submit(() -> {}).get(10, TimeUnit.SECONDS);
    assertThat(said).isEmpty();
  }

  @Test
  void statusTakenByAnother_isLost() {
    Kernel robbed =
        new FaultyKernel() {
          @Override
          public WaitResult waitFor(boolean byPidfd, int id, int options) {
            ForeignWait.killAndTake(id);
            return super.waitFor(byPidfd, id, options);
          }
        };
    ProcessRuntime runtime =
        new ProcessRuntime(EventLoops.shared(), robbed, ExitWatch.Factory.timed());

    ExitStatus status =
        Objects.requireNonNull(Command.of("sleep", "1000").on(runtime).exit().block(Limits.SOON));

    assertThat(status.isLost()).isTrue();
    assertThat(status.isSuccess()).isFalse();
    assertThat(status.code()).isEmpty();
  }

  private static WaitResult exited(int code) {
    return new WaitResult(WaitResult.Kind.EXITED, code, WaitResult.Usage.NONE);
  }
}
