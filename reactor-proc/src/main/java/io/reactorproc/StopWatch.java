/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.Signals;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * Learns of stops and continuations of children: a pidfd tells of exits only, SIGCHLD of these. The
 * signal is listened to only while somebody watches, as each delivery costs the JVM a thread; at
 * each, the watched children are asked one by one, each on its loop, and nobody else's child is.
 * Where the signal cannot be had, as under {@code -Xrs}, they are asked every 50 ms instead.
 */
final class StopWatch {
  private static final Logger LOG = LoggerFactory.getLogger(StopWatch.class);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final StopWatch SHARED = new StopWatch();

  private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();

  /** Under the lock of this object. */
  private @Nullable Disposable listening;

  private final Executor blocking = task -> Schedulers.boundedElastic().schedule(task);

  private StopWatch() {}

  static StopWatch shared() {
    return SHARED;
  }

  /**
   * Watches a child.
   *
   * @param look asks whether it stopped or went on; runs on the loop whenever that may be
   */
  Registration watch(IoEventLoop loop, Runnable look) {
    Registration registration = new Registration(loop, look);
    synchronized (this) {
      registrations.add(registration);
      if (listening == null) {
        Disposable.Swap begun = Disposables.swap();
        listening = begun;
        blocking.execute(() -> listen(begun));
      }
    }
    return registration;
  }

  /**
   * Installs the handler, which loads classes and must not happen on a loop; every stop of before
   * is still there to be asked for.
   */
  private void listen(Disposable.Swap begun) {
    Flux<Object> occasions =
        Flux.defer(() -> Signals.on(Signal.SIGCHLD)) // refused under -Xrs, which is an error here
            .cast(Object.class)
            .onErrorResume(
                refused -> {
                  LOG.info(
                      "SIGCHLD cannot be had: children are asked whether they stopped", refused);
                  return Flux.interval(PAUSE).onBackpressureDrop().cast(Object.class);
                });
    begun.update(
        occasions.subscribe(
            occasion -> lookAtAll(),
            error -> LOG.warn("stops of children are not reported", error)));
    lookAtAll();
  }

  private void lookAtAll() {
    registrations.forEach(Registration::look);
  }

  private synchronized void remove(Registration registration) {
    registrations.remove(registration);
    Disposable current = listening;
    if (registrations.isEmpty() && current != null) {
      listening = null;
      blocking.execute(current::dispose);
    }
  }

  /** One watched child. */
  final class Registration {
    private final IoEventLoop loop;
    private final Runnable look;

    private Registration(IoEventLoop loop, Runnable look) {
      this.loop = loop;
      this.look = look;
    }

    void cancel() {
      remove(this);
    }

    private void look() {
      try {
        loop.execute(this::lookOnLoop);
      } catch (RejectedExecutionException e) {
        LOG.debug("a loop is shut down with a child that is watched", e);
        cancel();
      }
    }

    private void lookOnLoop() {
      if (registrations.contains(this)) {
        look.run();
      }
    }
  }
}
