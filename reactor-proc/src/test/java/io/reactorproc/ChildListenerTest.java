/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.testkit.Await;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;

/** Those who are told of all children. */
@Timeout(60)
class ChildListenerTest {
  private final Queue<String> told = new ConcurrentLinkedQueue<>();

  private final ChildListener listener =
      new ChildListener() {
        @Override
        public void started(ChildInfo child) {
          told.add("started " + child.pid());
        }

        @Override
        public void ending(ChildInfo child) {
          told.add("ending " + child.pid() + isThere(child));
        }

        @Override
        public void ended(ChildInfo child) {
          told.add("ended " + child.pid() + isThere(child));
        }

        /** A zombie is. */
        private String isThere(ChildInfo child) {
          boolean there = Kernel.system().processGroup(child.pid()) == child.group();
          return there ? " there" : " gone";
        }
      };

  /** At its ending the child is a zombie, and its number nobody else's. */
  @Test
  void child_isToldOfFromItsSpawnToItsReap() {
    Disposable listening = ProcessRuntime.listen(listener);
    ProcessResult result = Objects.requireNonNull(Command.of("true").output().block(Limits.SOON));
    listening.dispose();

    int pid = result.pid();
    assertThat(told)
        .containsExactly("started " + pid, "ending " + pid + " there", "ended " + pid + " gone");
  }

  @Test
  void childThatLivesAlready_isToldOf() {
    RunningProcess child =
        Objects.requireNonNull(Command.of("sleep", "1000").start().block(Limits.SOON));
    int pid = child.pid().orElseThrow();

    Disposable listening = ProcessRuntime.listen(listener);
    Await.until("it is told", () -> told.contains("started " + pid));
    child.terminate(Termination.kill());
    Objects.requireNonNull(child.exit().block(Limits.SOON));
    listening.dispose();

    assertThat(told)
        .containsExactly("started " + pid, "ending " + pid + " there", "ended " + pid + " gone");
    child.dispose();
  }

  @Test
  void afterDisposal_nothingIsTold() {
    ProcessRuntime.listen(listener).dispose();

    Objects.requireNonNull(Command.of("true").exit().block(Limits.SOON));

    assertThat(told).isEmpty();
  }

  @Test
  void throwingListener_harmsNobody() {
    Disposable throwing =
        ProcessRuntime.listen(
            new ChildListener() {
              @Override
              public void started(ChildInfo child) {
                throw new IllegalStateException("on purpose");
              }

              @Override
              public void ended(ChildInfo child) {
                throw new IllegalStateException("on purpose");
              }
            });

    assertThat(Objects.requireNonNull(Command.of("true").exit().block(Limits.SOON)).isSuccess())
        .isTrue();
    throwing.dispose();
  }

  @Test
  void spawnsUnderWay_areOverAfterAStart() {
    Objects.requireNonNull(Command.of("true").exit().block(Limits.SOON));

    Await.until("none is under way", () -> !ProcessRuntime.spawnsUnderWay().getAsBoolean());
  }
}
