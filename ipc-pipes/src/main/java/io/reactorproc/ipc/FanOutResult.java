/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a fan-out.
 *
 * @param targets one entry for each target, in their order
 */
public record FanOutResult(List<Delivery> targets) {

  /** Copies the list. */
  public FanOutResult {
    targets = List.copyOf(targets);
  }

  /**
   * What became of one target.
   *
   * @param delivered bytes it was given
   * @param lost bytes it was too slow for
   * @param failure how it failed; null where it did not
   */
  public record Delivery(long delivered, long lost, @Nullable Throwable failure) {}
}
