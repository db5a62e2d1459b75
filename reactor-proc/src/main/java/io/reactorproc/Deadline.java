/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A moment by which the jobs of a sequence must have ended, or never. A value. */
record Deadline(boolean isSet, long nanos) {
  private static final Duration LEAST = Duration.ofMillis(1);

  static final Deadline NONE = new Deadline(false, 0);

  /** This one, or that of a timeout from now on if it is earlier. */
  Deadline or(@Nullable Duration timeout) {
    if (timeout == null || (isSet && left().compareTo(timeout) < 0)) {
      return this;
    }
    return new Deadline(true, System.nanoTime() + timeout.toNanos());
  }

  boolean isOver() {
    return isSet && System.nanoTime() - nanos >= 0;
  }

  private Duration left() {
    Duration left = Duration.ofNanos(nanos - System.nanoTime());
    return left.compareTo(LEAST) < 0 ? LEAST : left;
  }

  /** A job's own timeout, unless this comes before it. */
  private boolean isBefore(@Nullable Duration own) {
    return isSet && (own == null || left().compareTo(own) < 0);
  }

  Command limit(Command command) {
    return isBefore(command.settings().timeout) ? command.timeout(left()) : command;
  }

  Pipeline limit(Pipeline pipeline) {
    return isBefore(pipeline.whole().timeout) ? pipeline.timeout(left()) : pipeline;
  }
}
