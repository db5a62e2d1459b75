/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.Signals;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
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
 */
final class StopWatch {
  private static final Logger LOG = LoggerFactory.getLogger(StopWatch.class);
  private static final StopWatch SHARED = new StopWatch();

  private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();

  /** Under the lock of this object. */
  private @Nullable Disposable listening;

  private final Executor blocking = task -> Schedulers.boundedElastic().schedule(task);

  private StopWatch() {}

  static StopWatch shared() {
    return SHARED;
  }

  /** Watches a child; the listener runs on the child's loop. */
  Registration watch(Child child, Consumer<WaitResult> listener) {
    Registration registration = new Registration(child, listener);
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
    begun.update(
        Flux.defer(() -> Signals.on(Signal.SIGCHLD)) // refused under -Xrs, which is an error here
            .subscribe(
                event -> registrations.forEach(Registration::look),
                error -> LOG.warn("stops of children are not reported", error)));
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
    private final Child child;
    private final Consumer<WaitResult> listener;

    private Registration(Child child, Consumer<WaitResult> listener) {
      this.child = child;
      this.listener = listener;
    }

    void cancel() {
      remove(this);
    }

    private void look() {
      child.loop().execute(this::lookOnLoop);
    }

    private void lookOnLoop() {
      while (!child.isReaped()) {
        WaitResult change = child.takeJobChange();
        if (change.kind() != WaitResult.Kind.STOPPED
            && change.kind() != WaitResult.Kind.CONTINUED) {
          return;
        }
        listener.accept(change);
      }
    }
  }
}
