/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.EventLoops;
import reactor.blockhound.BlockHound;

/**
 * Sets up a JVM of tests: what must precede the first use of Netty, and what lives as long as the
 * JVM, so that no test is blamed for being the first.
 *
 * <p>It is done by the first test class and not by a listener of JUnit's launcher, because Surefire
 * creates a launcher in Maven's own JVM too, to find the classes.
 */
final class WarmUp {
  private static boolean done;

  private WarmUp() {}

  /** The work is not in a static initialiser: the loops could not run code of this class then. */
  static synchronized void once() {
    if (done) {
      return;
    }
    done = true;
    BlockHound.install();
    NettyLeaks.listen();
    countBuffersExactly();
    JvmThreads.learnNames();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      EventLoops.shared().next().submit(() -> {}).syncUninterruptibly();
    }
  }

  /** A buffer in the cache of a thread counts as in use, so there must be no such caches. */
  private static void countBuffersExactly() {
    System.setProperty("io.netty.allocator.smallCacheSize", "0");
    System.setProperty("io.netty.allocator.normalCacheSize", "0");
    PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    if (PooledByteBufAllocator.defaultSmallCacheSize() != 0) {
      throw new IllegalStateException("Netty was in use before the first test was set up");
    }
  }
}
