/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.reactorproc.ipc.sys.Capabilities;
import java.util.Objects;
import reactor.core.scheduler.NonBlocking;

/**
 * Where descriptors are watched: a group of Netty epoll event loops.
 *
 * <p>{@link #shared()} is one group for the whole JVM, {@code min(processors, 4)} daemon threads
 * named {@code reactor-proc-epoll-*}, started as they are first used and never stopped. {@link
 * #of(IoEventLoopGroup)} takes the caller's own group, which stays the caller's to shut down: with
 * Reactor Netty, {@code LoopResources.onServer(true)} is such a group where native transport is on.
 *
 * <p>Everything that this project delivers from a descriptor is delivered on the descriptor's loop,
 * which must never be blocked; {@code publishOn} leaves it.
 */
public final class EventLoops {
  private static final int MOST_SHARED_LOOPS = 4;

  private final IoEventLoopGroup group;

  private EventLoops(IoEventLoopGroup group) {
    this.group = group;
  }

  /**
   * The group of this JVM that needs no set-up and no shutdown.
   *
   * @throws io.reactorproc.ipc.sys.UnsupportedPlatformException if epoll cannot be had here
   */
  public static EventLoops shared() {
    // Here and not in the initialiser of Shared, which would wrap the refusal, and only once.
    Capabilities.get();
    return Shared.INSTANCE;
  }

  /**
   * Loops of the caller's own.
   *
   * @throws IllegalArgumentException if the group's handler is not Netty 4.2's {@code
   *     EpollIoHandler}
   */
  public static EventLoops of(IoEventLoopGroup group) {
    Objects.requireNonNull(group, "group");
    if (!group.isCompatible(EpollIoHandle.class)) {
      throw new IllegalArgumentException(
          "the event loops must be made with EpollIoHandler.newFactory(), these are not: " + group);
    }
    return new EventLoops(group);
  }

  /** The loop for the next descriptor or child, in turn. */
  public IoEventLoop next() {
    return group.next();
  }

  private static final class Shared {
    static final EventLoops INSTANCE = create();

    private Shared() {}

    private static EventLoops create() {
      int loops = Math.min(Runtime.getRuntime().availableProcessors(), MOST_SHARED_LOOPS);
      return new EventLoops(
          new MultiThreadIoEventLoopGroup(loops, new Threads(), EpollIoHandler.newFactory()));
    }
  }

  /** Threads that Reactor knows as non-blocking, so that {@code block()} on them fails at once. */
  private static final class Threads extends DefaultThreadFactory {
    Threads() {
      super("reactor-proc-epoll", true);
    }

    @Override
    protected Thread newThread(Runnable task, String name) {
      return new LoopThread(threadGroup, task, name);
    }
  }

  private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {
    LoopThread(ThreadGroup group, Runnable task, String name) {
      super(group, task, name);
    }
  }
}
