/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * A server that listens. Who has it closes it, which removes the socket file, if that is still this
 * server's; connections that were delivered live on. May be used from any thread.
 */
public final class UnixListener implements Disposable {
  private static final Logger LOG = LoggerFactory.getLogger(UnixListener.class);

  private final UnixServer server;
  private final SocketFile.Bound bound;
  private final Sockets sockets;
  private final EventLoops loops;
  private final IoEventLoop loop;
  private final AcceptChannel channel;
  private final Connections connections = new Connections();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Sinks.Empty<Void> closed = Sinks.empty();

  UnixListener(UnixServer server, SocketFile.Bound bound, Sockets sockets, EventLoops loops) {
    this.server = server;
    this.bound = bound;
    this.sockets = sockets;
    this.loops = loops;
    loop = loops.next();
    channel =
        new AcceptChannel(
            sockets, loop, bound.socket(), server.access(), server.observer(), connections);
  }

  /** Where it listens. */
  public UnixAddress address() {
    return bound.address();
  }

  /** How many connections were delivered so far. */
  public long accepted() {
    return accepted.get();
  }

  /** How many connections the access policy refused so far. */
  public long refused() {
    return channel.refused();
  }

  /**
   * Who connects and is allowed.
   *
   * <ul>
   *   <li><b>Start:</b> with the subscription, of which there is one; a second one gets an {@code
   *       IllegalStateException}.
   *   <li><b>Demand:</b> each element is one {@code accept4(2)}; without demand nobody is accepted,
   *       and who connects waits in the backlog.
   *   <li><b>Limits:</b> where the process has no descriptor left, the server pauses, 10 ms to 1 s,
   *       tells its {@link UnixServerObserver} and goes on.
   *   <li><b>End:</b> {@code onComplete} when the listener is closed; {@link SystemCallException}
   *       where accepting fails for good.
   *   <li><b>Cancel:</b> closes the listener. Delivered connections live on.
   *   <li><b>Thread:</b> the listener's event loop. <b>Ownership:</b> the subscriber closes each
   *       connection; operators that may drop elements at a cancel need {@code
   *       doOnDiscard(UnixConnection.class, UnixConnection::dispose)} behind them.
   * </ul>
   */
  public Flux<UnixConnection> connections() {
    return connections;
  }

  /**
   * Stops accepting, removes the socket file and closes. Who waits in the backlog is disconnected.
   * Starts with the subscription; repeating it does nothing more.
   */
  public Mono<Void> close() {
    return Mono.defer(
        () -> {
          dispose();
          return closed.asMono();
        });
  }

  /** As {@link #close()}, without waiting. */
  @Override
  public void dispose() {
    onLoop(
        () -> {
          channel.stop();
          connections.complete(null);
          remove();
        });
  }

  @Override
  public boolean isDisposed() {
    return !bound.socket().isOpen();
  }

  /** After the descriptor has left epoll. Looks a path up, so it is not done on the loop. */
  private void remove() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    try {
      Schedulers.boundedElastic().schedule(this::removeNow);
    } catch (RejectedExecutionException shutDown) {
      bound.socket().close(); // the file stays; the next start replaces it
      closed.tryEmitEmpty();
    }
  }

  private void removeNow() {
    bound.close();
    closed.tryEmitEmpty();
  }

  private void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
      return;
    }
    try {
      loop.execute(action);
    } catch (RejectedExecutionException shutDown) {
      remove();
    }
  }

  private UnixConnection connection(Descriptor socket, PeerCredentials peer) {
    UnixAddress remote;
    try {
      remote = UnixAddress.ofName(sockets.peerName(socket.number()));
    } catch (SystemCallException gone) {
      remote = UnixAddress.UNNAMED;
    }
    return new UnixConnection(
        sockets,
        loops.next(),
        socket,
        server.socketType(),
        server.mostMessage(),
        address(),
        remote,
        peer);
  }

  @Override
  public String toString() {
    return "UnixListener[" + address() + "]";
  }

  /** The connections, for one subscriber. */
  private final class Connections extends Flux<UnixConnection>
      implements AcceptChannel.Receiver, Subscription {
    private final AtomicBoolean taken = new AtomicBoolean();
    private @Nullable CoreSubscriber<? super UnixConnection> actual;
    private volatile boolean cancelled;

    /** The subscriber has its subscription. On the loop. */
    private boolean attached;

    /** Nothing more is delivered. On the loop. */
    private boolean over;

    /** Why it is over, if that was before the subscriber came. On the loop. */
    private @Nullable Throwable failure;

    @Override
    public void subscribe(CoreSubscriber<? super UnixConnection> subscriber) {
      if (!taken.compareAndSet(false, true)) {
        Operators.error(
            subscriber, new IllegalStateException("a listener has one subscriber only"));
        return;
      }
      actual = subscriber;
      subscriber.onSubscribe(this);
      if (loop.inEventLoop()) {
        attach(subscriber);
        return;
      }
      try {
        loop.execute(() -> attach(subscriber));
      } catch (RejectedExecutionException shutDown) {
        remove();
        subscriber.onError(shutDown);
      }
    }

    private void attach(CoreSubscriber<? super UnixConnection> subscriber) {
      if (cancelled) {
        return;
      }
      if (over) {
        terminate(subscriber);
        return;
      }
      attached = true;
      try {
        channel.open();
      } catch (SystemCallException | RuntimeException e) {
        channel.stop();
        onEnd(e);
        return;
      }
      channel.request(0); // demand that came before
    }

    private void terminate(CoreSubscriber<? super UnixConnection> subscriber) {
      Throwable error = failure;
      if (error == null) {
        subscriber.onComplete();
      } else {
        subscriber.onError(error);
      }
    }

    @Override
    public void onAccepted(Descriptor socket, PeerCredentials peer) {
      UnixConnection connection = connection(socket, peer);
      CoreSubscriber<? super UnixConnection> subscriber = actual;
      if (cancelled || over || subscriber == null) {
        connection.dispose();
        return;
      }
      accepted.incrementAndGet();
      try {
        subscriber.onNext(connection);
      } catch (Throwable thrown) {
        // A subscriber must not throw; one that does has cancelled, and the loop goes on.
        LOG.error("the subscriber of a listener threw, it is closed", thrown);
        connection.dispose();
        cancel();
      }
    }

    @Override
    public void onEnd(Throwable error) {
      complete(error);
      remove();
    }

    /** The end, for a subscriber that is there or for one to come. On the loop. */
    void complete(@Nullable Throwable error) {
      if (over) {
        return;
      }
      over = true;
      failure = error;
      CoreSubscriber<? super UnixConnection> subscriber = actual;
      if (cancelled || attached) {
        actual = null;
      }
      if (attached && !cancelled && subscriber != null) {
        terminate(subscriber);
      }
    }

    @Override
    public void request(long n) {
      if (n > 0) {
        channel.request(n);
        return;
      }
      onLoop(
          () -> {
            channel.stop();
            onEnd(new IllegalArgumentException("§3.9: demand must be positive: " + n));
          });
    }

    @Override
    public void cancel() {
      cancelled = true;
      dispose();
    }
  }
}
