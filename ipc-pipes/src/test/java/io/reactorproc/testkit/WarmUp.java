/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.EventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/** Brings up what lives as long as the JVM, so that no test is blamed for being the first. */
final class WarmUp {
  static {
    Leaks.listen();
    PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    List<Future<?>> started = new ArrayList<>();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      started.add(EventLoops.shared().next().submit(() -> {}));
    }
    for (Future<?> start : started) {
      try {
        start.get();
      } catch (Exception e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private WarmUp() {}

  static void once() {
    // the work is in the initialiser
  }
}
