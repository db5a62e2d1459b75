/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of one item: a value or an error. Immutable.
 *
 * @param index where the argument stood in its source, counted from 0
 * @param argument what the item was made from
 * @param attempts how often it was run, 1 without retries
 * @param duration from the start of the first attempt to the end of the last, pauses included
 * @param value what it gave; empty if it failed, or was a {@code Mono} that completed empty
 * @param error why the last attempt failed; empty if it did not
 */
public record ItemResult<T, R>(
    long index,
    T argument,
    int attempts,
    Duration duration,
    Optional<R> value,
    Optional<Throwable> error) {

  /** Whether it has no error. */
  public boolean isSuccess() {
    return error.isEmpty();
  }

  @Override
  public String toString() {
    return "item "
        + index
        + " ("
        + argument
        + (attempts > 1 ? ", attempt " + attempts : "")
        + "): "
        + error.map(Throwable::toString).or(() -> value.map(Object::toString)).orElse("done");
  }
}
