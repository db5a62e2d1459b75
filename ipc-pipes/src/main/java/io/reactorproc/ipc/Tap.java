/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.flow.TapMode;
import java.util.Objects;

/**
 * How to look at what flows from one pipe into another without taking it out of the kernel's hands:
 * {@code tee(2)} into a pipe of the observer's, then {@code splice(2)}. An immutable value; {@link
 * DescriptorStreams#tap} puts it into effect.
 *
 * @param mode what happens when the observer is slower than what flows
 * @param capacity how many bytes may wait for the observer in the kernel, rounded up by it; 0 for
 *     the kernel's default, usually 64 KiB, enlarged to 512 KiB with a stream that proves fast
 */
public record Tap(TapMode mode, int capacity) {

  /** Checks the values. */
  public Tap {
    Objects.requireNonNull(mode, "mode");
    if (capacity < 0) {
      throw new IllegalArgumentException("a capacity is not negative: " + capacity);
    }
  }

  /**
   * The observer sees every byte, and what flows waits for it: its demand is back-pressure. While
   * nobody has subscribed, what flows stops as soon as the observer's pipe is full.
   */
  public static Tap exact() {
    return new Tap(TapMode.EXACT, 0);
  }

  /**
   * What flows never waits: bytes that come while the observer's pipe is full pass unseen. They are
   * {@linkplain RunningTap#missed() counted}, and {@linkplain TapChunk#missed() told} where they
   * are missing.
   */
  public static Tap lossy() {
    return new Tap(TapMode.LOSSY, 0);
  }

  /**
   * The same with another bound on what waits for the observer. A pipe holds pages: of a stream of
   * small writes fewer bytes fit. Above the user's quota the kernel's default stays.
   */
  public Tap capacity(int bytes) {
    return new Tap(mode, bytes);
  }
}
