/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.WaitResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
  void exitOfAChildWithOutput_isSeenWithoutDelay() {
    // At the end of its output the child is asked for at once and not after the pause of 50 ms.
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      long begin = System.nanoTime();
      String text = Command.shell("sleep 0.3").on(timed).text().block(Limits.SOON);
      millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin) - 300);
      assertThat(text).isEmpty();
    }

    millis.sort(null);
    assertThat(millis.get(millis.size() / 2)).as("the median of %s", millis).isLessThan(25);
  }

  @Test
  void endOfOutput_isNotAnsweredWithinTheCall() throws Exception {
    IoEventLoop loop = EventLoops.shared().next();
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    Kernel kernel =
        new FaultyKernel() {
          @Override
          public WaitResult waitFor(boolean byPidfd, int id, int options) {
            return new WaitResult(WaitResult.Kind.EXITED, 3, WaitResult.Usage.NONE);
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
    RunningProcess sleeping =
        Objects.requireNonNull(Command.of("sleep", "1000").on(timed).start().block(Limits.SOON));
    int pid = sleeping.pid().orElseThrow();

    ForeignWait.killAndTake(pid);

    ExitStatus status = Objects.requireNonNull(sleeping.exit().block(Limits.SOON));
    assertThat(status.isLost()).isTrue();
    assertThat(status.isSuccess()).isFalse();
  }
}
