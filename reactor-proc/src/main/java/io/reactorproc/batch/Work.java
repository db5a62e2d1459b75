/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import io.reactorproc.Command;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Makes one attempt at an item. */
@FunctionalInterface
interface Work<T, R> {

  /**
   * The attempt, which starts when it is subscribed.
   *
   * @param timeout after which it is given up
   */
  Mono<R> attempt(T argument, @Nullable Duration timeout);

  /** A command: its own timeout ends the child, so that the error has its status. */
  static Command limited(Command command, @Nullable Duration timeout) {
    return timeout == null ? command : command.timeout(timeout);
  }

  /** Anything: the time-out cancels it. */
  static <R> Mono<R> limited(Mono<R> mono, @Nullable Duration timeout) {
    return timeout == null ? mono : mono.timeout(timeout);
  }
}
