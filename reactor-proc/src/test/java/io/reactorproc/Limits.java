/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.time.Duration;

/** How long a test waits for what must come, at the longest. */
public final class Limits {
  public static final Duration SOON = Duration.ofSeconds(20);

  private Limits() {}
}
