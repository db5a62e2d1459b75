/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** One event loop of a test's own, of which every wake-up for a handle is counted. */
public final class OneLoop implements AutoCloseable {
  private final CountedIoHandler.Factory handlers =
      new CountedIoHandler.Factory(EpollIoHandler.newFactory());
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("reactor-proc-epoll-own", true), handlers);

  public EventLoops loops() {
    return EventLoops.of(group);
  }

  public IoEventLoop loop() {
    return group.next();
  }

  /** How often epoll woke a handle of this loop. */
  public int wakeUps() {
    return handlers.events();
  }

  /** Returns when the loop has handled what was ready and due at the call. */
  public void settle() {
    // One look at epoll may have begun before the call; the tasks of the turn after the next one
    // run behind a whole one.
    long end = handlers.looks() + 3;
    while (handlers.looks() < end) {
      run(() -> 0);
    }
    run(() -> 0);
  }

  /** Runs something on the loop. */
  public <T> T run(Callable<T> action) {
    return loop().submit(action).syncUninterruptibly().getNow();
  }

  /** A shutdown with a quiet period: without one, Netty may forget to close its handles. */
  public void shutDown() {
    group.shutdownGracefully(200, 5_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
