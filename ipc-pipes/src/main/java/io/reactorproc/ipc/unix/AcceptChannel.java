/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ipc.flow.LoopHandle;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Operators;

/**
 * Accepts by demand. No demand, no accept: the backlog fills, and then who connects waits or is
 * told {@code EAGAIN}.
 *
 * <p>Edge-triggered, as all here: the channel remembers that somebody waits and looks again after a
 * pause, so that a process at its limit of descriptors does not spin on those it cannot accept.
 */
final class AcceptChannel extends LoopHandle implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptChannel.class);

  /** Then other descriptors of the loop have their turn. */
  private static final int ACCEPTS_PER_TURN = 64;

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  private final Sockets sockets;
  private final UnixAccess access;
  private final UnixServerObserver observer;
  private final Receiver receiver;

  /** Demand that is not yet served. Any thread adds, the loop takes. */
  private final AtomicLong demand = new AtomicLong();

  /** 1 while a run on the loop is due. Any thread sets, the loop clears. */
  private final AtomicInteger scheduled = new AtomicInteger();

  /** Any thread reads, the loop counts. */
  private final AtomicLong refused = new AtomicLong();

  private boolean armed;
  private boolean readable;
  private boolean accepting;
  private boolean done;
  private long pauseMillis;
  private @Nullable ScheduledFuture<?> pause;

  /** Gets who was accepted. On the loop. */
  interface Receiver {
    /** Somebody who was asked for and is allowed; the receiver owns the socket. */
    void onAccepted(Descriptor socket, PeerCredentials peer);

    /** Nothing follows. Not called after {@link #stop}. */
    void onEnd(Throwable error);
  }

  AcceptChannel(
      Sockets sockets,
      IoEventLoop loop,
      Descriptor socket,
      UnixAccess access,
      UnixServerObserver observer,
      Receiver receiver) {
    super(loop, socket);
    this.sockets = sockets;
    this.access = access;
    this.observer = observer;
    this.receiver = receiver;
  }

  /** Starts watching. On the loop, once; demand may be there already. */
  void open() throws SystemCallException {
    armed = demand.get() > 0;
    register(armed ? WATCH_READABLE : QUIET);
  }

  /** How many the access policy did not allow. Any thread. */
  long refused() {
    return refused.get();
  }

  /** Asks for more. Any thread. */
  void request(long n) {
    demand.accumulateAndGet(n, Operators::addCap);
    if (loop.inEventLoop()) {
      drain();
    } else if (scheduled.compareAndSet(0, 1)) {
      onLoop(this);
    }
  }

  @Override
  public void run() {
    scheduled.set(0);
    drain();
  }

  @Override
  protected void onReady(int bits) {
    if (readable && armed && demand.get() == 0) {
      // The second wake-up in a row that nobody can use: do not be woken by further ones.
      setArmed(false);
    }
    readable = true;
    drain();
  }

  private void drain() {
    if (accepting || done || pause != null) {
      return;
    }
    accepting = true;
    try {
      acceptWhileWanted();
      if (!done && demand.get() > 0 && !readable && !armed) {
        setArmed(true);
      }
    } finally {
      accepting = false;
    }
  }

  private void acceptWhileWanted() {
    for (int accepts = 0; !done && pause == null && demand.get() > 0; accepts++) {
      if (!readable) {
        return;
      }
      if (accepts == ACCEPTS_PER_TURN) {
        setArmed(true); // looks at the state of now, so it is an event of the next turn
        return;
      }
      int result = sockets.accept(descriptor.number());
      if (result >= 0) {
        pauseMillis = 0;
        receive(Descriptor.own(result));
      } else {
        notAccepted(-result);
      }
    }
  }

  private void receive(Descriptor socket) {
    PeerCredentials peer;
    try {
      peer = sockets.peer(socket.number());
    } catch (SystemCallException e) {
      socket.close();
      LOG.warn("a connection is closed, as nobody can tell whose it is", e);
      return;
    }
    if (!isAllowed(peer)) {
      socket.close();
      refused.incrementAndGet();
      tell(() -> observer.onRefused(peer));
      return;
    }
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    receiver.onAccepted(socket, peer);
  }

  private boolean isAllowed(PeerCredentials peer) {
    try {
      return access.allows(peer);
    } catch (RuntimeException thrown) {
      LOG.error("the access policy of a server threw, {} is refused", peer, thrown);
      return false;
    }
  }

  private void notAccepted(int errno) {
    if (errno == Errno.EAGAIN.intValue()) {
      readable = false;
    } else if (errno == Errno.EMFILE.intValue()
        || errno == Errno.ENFILE.intValue()
        || errno == Errno.ENOBUFS.intValue()
        || errno == Errno.ENOMEM.intValue()) {
      pauseFor(new SystemCallException("accept4", errno, "accept a connection"));
    } else if (errno != Errno.ECONNABORTED.intValue() && errno != Errno.EINTR.intValue()) {
      end(new SystemCallException("accept4", errno, "accept a connection"));
    }
  }

  private void pauseFor(SystemCallException reason) {
    pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, pauseMillis * 2));
    long millis = pauseMillis;
    pause = loop.schedule(this::pauseIsOver, millis, TimeUnit.MILLISECONDS);
    tell(() -> observer.onAcceptFailed(reason, Duration.ofMillis(millis)));
  }

  private void pauseIsOver() {
    pause = null;
    drain();
  }

  private static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException thrown) {
      LOG.error("the observer of a server threw", thrown);
    }
  }

  private void setArmed(boolean arm) {
    armed = arm;
    try {
      submit(arm ? WATCH_READABLE : QUIET);
    } catch (SystemCallException e) {
      end(e);
    }
  }

  private void end(Throwable error) {
    if (stop()) {
      receiver.onEnd(error);
    }
  }

  /** Stops accepting; the descriptor is out of epoll, and open. On the loop. */
  boolean stop() {
    if (done) {
      return false;
    }
    done = true;
    if (pause != null) {
      pause.cancel(false);
      pause = null;
    }
    leaveOpen();
    return true;
  }

  /** Netty closes the loop. */
  @Override
  public void close() {
    end(new IOException("the event loop was shut down"));
  }
}
