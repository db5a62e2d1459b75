/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.life;

import static io.reactorproc.Limits.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ClosingState;
import io.reactorproc.Command;
import io.reactorproc.ProcessRuntime;
import io.reactorproc.RunningProcess;
import io.reactorproc.ipc.EventLoops;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A shutdown as a service's framework asks for it: without signals, and in this JVM. */
class ShutdownTest {
  private final ProcessRuntime runtime = ProcessRuntime.on(EventLoops.shared());
  private final Shutdown shutdown = Shutdown.of(runtime).patience(Duration.ofSeconds(5));

  @Test
  void close_beginsAtTheSubscriptionAndAnswersEverybody() {
    RunningProcess running =
        Objects.requireNonNull(
            Command.of("sleep", "1000").named("nap").on(runtime).start().block(SOON));
    List<ClosingState> progress = new CopyOnWriteArrayList<>();
    shutdown.progress().subscribe(progress::add);
    Mono<ClosingState> close = shutdown.close();
    assertThat(running.isAlive()).isTrue();
    assertThat(progress).isEmpty();

    close.subscribe().dispose(); // who gives up stops nothing
    StepVerifier.create(Mono.zip(close, shutdown.close(), Shutdown.of(runtime).close()))
        .assertNext(all -> assertThat(all.getT3().left()).isEmpty())
        .expectComplete()
        .verify(SOON);

    assertThat(progress.get(0).left())
        .extracting(Object::toString)
        .first()
        .asString()
        .contains("nap");
    assertThat(progress.get(progress.size() - 1).left()).isEmpty();
    running.dispose();
  }

  @Test
  void nothingToEnd_isOverAtOnce() {
    StepVerifier.create(shutdown.close())
        .assertNext(state -> assertThat(state.phase()).isEqualTo(ClosingState.Phase.OVER))
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void impossibleRules_areRefused() {
    assertThatThrownBy(() -> shutdown.waitForClose(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> shutdown.dependency("a", "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
