/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.signals.Signal;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Thousands of short children of every kind at once: each has one outcome, and it is its own. */
class ShortChildrenTest {
  private static final int AT_ONCE = 64;
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Command SLEEP = Command.of("sleep", "1000");

  /** Six kinds, by turns. */
  private enum Kind {
    EXITS,
    WRITES,
    FAILS_TO_START,
    IS_CANCELLED,
    TIMES_OUT,
    IS_KILLED;

    static Kind of(int i) {
      return values()[i % values().length];
    }
  }

  private final Random random = new Random(20_000);

  @Test
  void twentyThousand_haveOneRightOutcomeEach() {
    run(20_004, ProcessRuntime.shared());
  }

  @Test
  void threeThousandWithoutPidfds_haveOneRightOutcomeEach() {
    run(3_000, new ProcessRuntime(EventLoops.shared(), Kernel.system(), ExitWatch.Factory.timed()));
  }

  private void run(int children, ProcessRuntime runtime) {
    int threads = Proc.threads().size();
    AtomicIntegerArray outcomes = new AtomicIntegerArray(children);

    Map<String, Long> counts =
        Objects.requireNonNull(
            Flux.range(0, children)
                .flatMap(
                    i -> outcome(i, runtime).doOnNext(said -> outcomes.incrementAndGet(i)), AT_ONCE)
                .collect(Collectors.groupingBy(said -> said, Collectors.counting()))
                .block(LIMIT));

    long each = children / Kind.values().length;
    assertThat(counts)
        .isEqualTo(
            Map.of(
                "right code", each,
                "right text", each,
                "ENOENT", each,
                "cancelled", each,
                "TIMEOUT", each,
                "SIGKILL", each));
    for (int i = 0; i < children; i++) {
      assertThat(outcomes.get(i)).isEqualTo(1);
    }
    Await.until("the cancelled ones are reaped", () -> runtime.liveChildren() == 0);
    Await.until("no zombie is left", () -> Proc.children().isEmpty());
    // The loops, the spawners, Reactor's and the JVM's own: none for a child.
    assertThat(Proc.threads().size()).isLessThan(threads + AT_ONCE / 2);
  }

  private Mono<String> outcome(int i, ProcessRuntime runtime) {
    Command sleep = SLEEP.on(runtime);
    return switch (Kind.of(i)) {
      case EXITS ->
          Command.shell("exit " + i % 256)
              .on(runtime)
              .exit()
              .map(status -> status.is(i % 256) ? "right code" : "wrong: " + status);
      case WRITES ->
          Command.of("echo", Integer.toString(i))
              .on(runtime)
              .text()
              .map(text -> text.equals(i + "\n") ? "right text" : "wrong: " + text);
      case FAILS_TO_START ->
          Command.of("no-such-program-" + i)
              .on(runtime)
              .exit()
              .map(status -> "wrong: " + status)
              .onErrorResume(
                  ProcessStartException.class, e -> Mono.just(e.errnoName().orElse("no errno")));
      case IS_CANCELLED ->
          sleep
              .exit()
              .map(status -> "wrong: " + status)
              .takeUntilOther(Mono.delay(Duration.ofNanos(random.nextInt(8_000_000))))
              .defaultIfEmpty("cancelled");
      case TIMES_OUT ->
          sleep
              .timeout(Duration.ofMillis(3))
              .exit()
              .map(status -> "wrong: " + status)
              .onErrorResume(ProcessExitException.class, e -> Mono.just(e.reason().toString()));
      case IS_KILLED ->
          sleep
              .start()
              .flatMap(
                  child ->
                      child
                          .signal(Signal.SIGKILL)
                          .then(child.exit())
                          .map(ExitStatus::toString)
                          .doOnNext(done -> child.dispose()));
    };
  }
}
