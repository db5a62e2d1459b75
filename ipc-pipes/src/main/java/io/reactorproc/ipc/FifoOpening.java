/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Fifos.Access;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Opens a FIFO for each subscriber, from its first demand on, and again and again while it has no
 * reader. Not {@code Mono.fromCallable}, which would forget a descriptor that is opened while it is
 * cancelled.
 */
final class FifoOpening extends Mono<Descriptor> {
  private static final long FIRST_PAUSE_MILLIS = 1;
  private static final long LONGEST_PAUSE_MILLIS = 100;

  private final FifoFiles files;
  private final Access access;
  private final Scheduler timer;

  FifoOpening(FifoFiles files, Access access) {
    this(files, access, Schedulers.parallel());
  }

  /**
   * @param timer what counts the pauses; a delayed task of the elastic scheduler would occupy one
   *     of its threads
   */
  FifoOpening(FifoFiles files, Access access, Scheduler timer) {
    this.files = files;
    this.access = access;
    this.timer = timer;
  }

  @Override
  public void subscribe(CoreSubscriber<? super Descriptor> actual) {
    actual.onSubscribe(new Attempts(actual));
  }

  private final class Attempts implements Subscription, Runnable {
    /** {@code OVER} is entered once, by whoever may say or close something. Any thread. */
    private enum State {
      IDLE,
      OPENING,
      OVER
    }

    private final CoreSubscriber<? super Descriptor> actual;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

    /** The pause or the attempt that is due; disposed of by a cancel. */
    private final Disposable.Swap due = Disposables.swap();

    /** Attempts come one after the other, each scheduled by the one before. */
    private long pause = FIRST_PAUSE_MILLIS;

    Attempts(CoreSubscriber<? super Descriptor> actual) {
      this.actual = actual;
    }

    @Override
    public void request(long n) {
      if (Operators.validate(n) && state.compareAndSet(State.IDLE, State.OPENING)) {
        attempt();
      }
    }

    private void attempt() {
      due.replace(Schedulers.boundedElastic().schedule(this));
    }

    @Override
    public void run() {
      if (state.get() == State.OVER) {
        return;
      }
      Descriptor opened;
      try {
        opened = files.open(access);
      } catch (FifoException | RuntimeException failure) {
        end(null, failure);
        return;
      }
      if (opened != null) {
        end(opened, null);
        return;
      }
      due.replace(timer.schedule(this::attempt, pause, TimeUnit.MILLISECONDS));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }

    private void end(@Nullable Descriptor opened, @Nullable Throwable failure) {
      if (!state.compareAndSet(State.OPENING, State.OVER)) {
        if (opened != null) {
          opened.close();
        }
      } else if (opened != null) {
        actual.onNext(opened);
        actual.onComplete();
      } else if (failure != null) {
        actual.onError(failure);
      }
    }

    @Override
    public void cancel() {
      state.set(State.OVER);
      due.dispose();
    }
  }
}
