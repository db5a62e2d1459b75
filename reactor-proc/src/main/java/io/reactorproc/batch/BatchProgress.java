/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How far a run is, at one moment. Immutable.
 *
 * @param total how many items there are; empty until it was said or the source has completed
 * @param succeeded items that have ended well
 * @param failed items whose last attempt has failed
 * @param running items that have started and not ended, those between two attempts included
 * @param retried attempts after the first, of all items
 * @param elapsed since the start, and no longer than to the end
 */
public record BatchProgress(
    OptionalLong total, long succeeded, long failed, long running, long retried, Duration elapsed) {

  /** Items that have ended, well or not. */
  public long done() {
    return succeeded + failed;
  }

  /** Ended items per second, over the whole time so far; 0 before the first. */
  public double rate() {
    return done() == 0 || elapsed.isZero() ? 0 : done() * 1e9 / elapsed.toNanos();
  }

  /** From 0 to 1, where the total is known. */
  public OptionalDouble fraction() {
    if (total.isEmpty()) {
      return OptionalDouble.empty();
    }
    long all = total.getAsLong();
    return OptionalDouble.of(all == 0 ? 1 : Math.min(1, (double) done() / all));
  }

  /**
   * The time that the rest takes if it goes on as it went so far; empty before the first item has
   * ended, and where the total is not known.
   */
  public Optional<Duration> eta() {
    if (total.isEmpty() || done() == 0) {
      return Optional.empty();
    }
    long left = Math.max(0, total.getAsLong() - done());
    return Optional.of(Duration.ofNanos((long) ((double) elapsed.toNanos() / done() * left)));
  }

  /** On one line, as for a terminal. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    line.append(done());
    total.ifPresent(all -> line.append('/').append(all));
    line.append(" done, ").append(running).append(" running, ").append(failed).append(" failed");
    if (retried > 0) {
      line.append(", ").append(retried).append(" retried");
    }
    line.append(String.format(Locale.ROOT, ", %.1f/s", rate()));
    eta().ifPresent(left -> line.append(", ").append(left.toSeconds()).append(" s left"));
    return line.toString();
  }
}
