/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.EventLoops;

/** Brings up what lives as long as the JVM, so that no test is blamed for being the first. */
final class WarmUp {
  private static boolean done;

  private WarmUp() {}

  /** The work is not in a static initialiser: the loops could not run code of this class then. */
  static synchronized void once() {
    if (done) {
      return;
    }
    done = true;
    Leaks.listen();
    PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      EventLoops.shared().next().submit(() -> {}).syncUninterruptibly();
    }
  }
}
