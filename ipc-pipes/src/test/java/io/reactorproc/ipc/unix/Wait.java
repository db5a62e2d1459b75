/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** Blocks a test's thread for a result, with a deadline. */
final class Wait {
  private static final Duration SOON = Duration.ofSeconds(20);

  private Wait() {}

  static <T> T value(Mono<T> mono) {
    return Objects.requireNonNull(mono.block(SOON));
  }

  static void end(Mono<?> mono) {
    mono.block(SOON);
  }

  static Throwable error(Mono<?> mono) {
    return Objects.requireNonNull(
        mono.<Throwable>handle(
                (value, sink) ->
                    sink.error(new AssertionError("an error was expected, not " + value)))
            .switchIfEmpty(Mono.error(new AssertionError("an error was expected")))
            .onErrorResume(Mono::just)
            .block(SOON));
  }
}
