/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEventLoop;
import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.RunningProcess;
import io.reactorproc.Termination;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(60)
class FreezerTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final IoEventLoop loop = EventLoops.shared().next();

  @BeforeEach
  void cgroupsCanBeMade() {
    CgroupNeeded.orSkip();
  }

  /** The wait was for the kernel's word: what is asked right after it is frozen already. */
  @Test
  void freeze_completesWhenAllIsFrozen() throws Exception {
    RunningProcess busy = start("setsid sh -c 'while :; do :; done' & while :; do :; done");
    Cgroup cgroup = busy.cgroup().orElseThrow();
    Freezer freezer = new Freezer(cgroup, loop);

    StepVerifier.create(freezer.freeze()).expectComplete().verify(SOON);

    assertThat(Files.readString(cgroup.directory().resolve("cgroup.events"))).contains("frozen 1");
    StepVerifier.create(freezer.thaw()).expectComplete().verify(SOON);
    assertThat(Files.readString(cgroup.directory().resolve("cgroup.events"))).contains("frozen 0");
    end(busy);
  }

  @Test
  void signals_waitUntilItGoesOn() {
    // Without a fork: a child that is frozen between that and its exec would lose the signal.
    RunningProcess child = start("trap 'exit 3' TERM; echo ready; while :; do :; done");
    assertThat(child.lines().blockFirst(SOON)).isEqualTo("ready");
    Freezer freezer = new Freezer(child.cgroup().orElseThrow(), loop);
    freezer.freeze().block(SOON);

    child.signalGroup(Signal.SIGTERM).block(SOON);
    child.signalGroup(Signal.SIGCONT).block(SOON); // no use: it is not stopped

    assertThat(child.isAlive()).isTrue();
    freezer.thaw().block(SOON);
    ExitStatus status = Objects.requireNonNull(child.exit().block(SOON));
    assertThat(status.is(3)).isTrue();
    child.dispose();
  }

  @Test
  void frozenChild_canBeKilled() {
    RunningProcess child = start("sleep 1000");
    new Freezer(child.cgroup().orElseThrow(), loop).freeze().block(SOON);

    end(child);
  }

  @Test
  void freezingTwice_completesAtOnce() {
    RunningProcess child = start("sleep 1000");
    Freezer freezer = new Freezer(child.cgroup().orElseThrow(), loop);

    StepVerifier.create(freezer.freeze().then(freezer.freeze())).expectComplete().verify(SOON);
    StepVerifier.create(freezer.thaw().then(freezer.thaw())).expectComplete().verify(SOON);
    end(child);
  }

  @Test
  void removedCgroup_needsNoFreezing() throws Exception {
    Cgroup cgroup = Cgroups.ofThisProcess().create();
    Freezer freezer = new Freezer(cgroup, loop);
    assertThat(cgroup.remove()).isTrue();

    StepVerifier.create(freezer.freeze()).expectComplete().verify(SOON);
    StepVerifier.create(freezer.thaw()).expectComplete().verify(SOON);
  }

  @Test
  void cancel_leavesNoDescriptor() {
    RunningProcess child = start("while :; do :; done");
    Path directory = child.cgroup().orElseThrow().directory();
    Freezer freezer = new Freezer(child.cgroup().orElseThrow(), loop);

    for (int i = 0; i < 50; i++) {
      freezer.freeze().subscribe().dispose();
    }
    end(child);
    String events = directory + "/cgroup.events"; // which the leak check leaves alone
    Await.until(
        "nothing is left open",
        () -> Proc.descriptors().values().stream().noneMatch(open -> open.startsWith(events)));
  }

  /** Each change is an event: the listener is told of an end that it did not ask for. */
  @Test
  void events_tellWhenTheLastProcessIsGone() throws Exception {
    RunningProcess child = start("sleep 1000");
    CgroupEvents events = CgroupEvents.open(child.cgroup().orElseThrow(), loop);
    Mono<CgroupState> empty =
        Mono.create(
            sink ->
                loop.execute(
                    () -> {
                      try {
                        events.start(
                            state -> {
                              if (!state.populated()) {
                                events.stop();
                                sink.success(state);
                              }
                            });
                      } catch (Exception e) {
                        sink.error(e);
                      }
                    }));

    StepVerifier.create(empty.doOnSubscribe(s -> child.terminate(Termination.kill())))
        .expectNext(new CgroupState(false, false))
        .expectComplete()
        .verify(SOON);
    child.dispose();
  }

  /** The kernel says nothing of it, and forgets what it had still to tell. */
  @Test
  void events_tellOfARemoval() throws Exception {
    Cgroup cgroup = Cgroups.ofThisProcess().create();
    CgroupEvents events = CgroupEvents.open(cgroup, loop);
    AtomicInteger told = new AtomicInteger();
    loop.submit(
            () -> {
              events.start(state -> told.incrementAndGet());
              return true;
            })
        .sync();
    int before = told.get();

    assertThat(before).isPositive();
    assertThat(cgroup.remove()).isTrue();
    Await.until("the removal is told", () -> told.get() > before && !events.isOpen());
  }

  private static RunningProcess start(String script) {
    return Objects.requireNonNull(
        Command.shell(script).cgroup(Cgroups.ofThisProcess()).start().block(SOON));
  }

  private static void end(RunningProcess child) {
    child.terminate(Termination.kill());
    Objects.requireNonNull(child.exit().block(SOON));
    child.dispose();
  }
}
