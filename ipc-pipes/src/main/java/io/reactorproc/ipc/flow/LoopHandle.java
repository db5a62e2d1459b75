/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A descriptor that one event loop watches, edge-triggered, until {@link #leave()} removes it from
 * epoll and closes it.
 *
 * <p>Removing comes before closing: a child between clone and exec holds copies of our descriptors,
 * so an entry left in epoll at the close would live on, and its events would hit whoever gets the
 * number next.
 */
public abstract class LoopHandle implements EpollIoHandle {
  private static final Logger LOG = LoggerFactory.getLogger(LoopHandle.class);

  protected static final int READABLE = EpollIoOps.EPOLLIN.value();
  protected static final int WRITABLE = EpollIoOps.EPOLLOUT.value();

  /** Both directions are over. */
  protected static final int HANG_UP = 0x10;

  /** The peer of a socket sends no more. */
  protected static final int PEER_HANG_UP = EpollIoOps.EPOLLRDHUP.value();

  protected static final int ERROR = EpollIoOps.EPOLLERR.value();

  /** Only hang-up and error, which epoll reports always. */
  protected static final EpollIoOps QUIET = EpollIoOps.EPOLLET;

  /**
   * As {@link #QUIET}, with the hang-up of a socket's peer, which epoll reports on request only.
   */
  protected static final EpollIoOps WATCH_HANG_UP = QUIET.with(EpollIoOps.EPOLLRDHUP);

  protected static final EpollIoOps WATCH_READABLE = WATCH_HANG_UP.with(EpollIoOps.EPOLLIN);
  protected static final EpollIoOps WATCH_WRITABLE = EpollIoOps.EPOLLOUT.with(EpollIoOps.EPOLLET);

  protected final IoEventLoop loop;
  protected final Descriptor descriptor;
  protected final FileDescriptor fd;

  /** What both directions of a socket share, for one that is such a direction. */
  private final @Nullable Duplex duplex;

  private @Nullable IoRegistration registration;

  protected LoopHandle(IoEventLoop loop, Descriptor descriptor) {
    this.loop = loop;
    this.descriptor = descriptor;
    this.fd = new FileDescriptor(descriptor.number());
    this.duplex = null;
  }

  /** One direction of a socket, which is watched and closed together with the other one. */
  LoopHandle(Duplex duplex) {
    this.loop = duplex.loop;
    this.descriptor = duplex.descriptor;
    this.fd = duplex.fd;
    this.duplex = duplex;
  }

  /** Whether this is one direction of a socket, whose descriptor the other one uses, too. */
  final boolean isDirection() {
    return duplex != null;
  }

  /**
   * Puts the descriptor into the loop's epoll set. On the loop, once.
   *
   * <p>Registering tells Netty of the handle; it is the first interest submitted that puts the
   * descriptor into epoll. Every interest here is edge-triggered: level-triggered, a pipe's hang-up
   * would return at every wait.
   *
   * @throws SystemCallException if epoll refuses, such as {@code EPERM} for a regular file or
   *     {@code ENOSPC} at the user's limit of watches
   */
  protected final void register(EpollIoOps interest) throws SystemCallException {
    if (duplex != null) {
      duplex.watch(this, interest);
      return;
    }
    Future<IoRegistration> registering = loop.register(this);
    if (!registering.isSuccess()) {
      throw IoErrors.of("epoll_ctl", registering.cause(), "watch a descriptor");
    }
    registration = registering.getNow();
    try {
      submit(interest, "watch a descriptor");
    } catch (SystemCallException refused) {
      leaveOpen(); // Netty's map of handles has it already
      throw refused;
    }
  }

  /** Changes what is watched ({@code EPOLL_CTL_MOD}), which also looks at the state of now. */
  protected final void submit(EpollIoOps interest) throws SystemCallException {
    if (duplex != null) {
      duplex.watch(this, interest);
      return;
    }
    submit(interest, "change what is watched");
  }

  private void submit(EpollIoOps interest, String purpose) throws SystemCallException {
    IoRegistration current = registration;
    if (current == null || !current.isValid()) {
      return;
    }
    try {
      current.submit(interest);
    } catch (RuntimeException e) {
      throw IoErrors.of("epoll_ctl", e, purpose);
    }
  }

  /**
   * Removes the descriptor from epoll, then closes it; a direction of a socket is shut down, and
   * the last one closes. On the loop; repeating does nothing.
   */
  protected final void leave() {
    if (duplex != null) {
      duplex.leave(this);
      return;
    }
    leaveOpen().close();
  }

  /** Removes the descriptor from epoll; the caller closes it. On the loop. */
  protected final Descriptor leaveOpen() {
    IoRegistration current = registration;
    if (current != null) {
      registration = null;
      current.cancel();
    }
    return descriptor;
  }

  @Override
  public final FileDescriptor fd() {
    return fd;
  }

  @Override
  public final void handle(IoRegistration source, IoEvent event) {
    try {
      onReady(((EpollIoEvent) event).ops().value());
    } catch (Throwable thrown) {
      // An Error that came through here would end Netty's loop, and with it every other stream.
      LOG.error("handling an event of {} failed", descriptor, thrown);
    }
  }

  /**
   * Runs an action on the loop, at once where that is here. A loop that was shut down has closed
   * all that it watched; what it never watched is closed here.
   */
  protected final void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
      return;
    }
    try {
      loop.execute(action);
    } catch (RejectedExecutionException shutDown) {
      descriptor.close();
    }
  }

  /** Netty shuts the loop down. On the loop. */
  @Override
  public abstract void close();

  /** The kernel reported these epoll bits. On the loop. */
  protected abstract void onReady(int bits);
}
