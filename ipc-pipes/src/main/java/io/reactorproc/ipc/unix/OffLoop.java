/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * Blocking work, such as the look-up of a path, on Reactor's bounded elastic threads, tried again
 * while it cannot be done now. What it made is handed over or disposed of, whenever a cancel comes:
 * Reactor's own operators for retries may drop it at one.
 */
final class OffLoop<T> implements Runnable, Disposable {
  private static final long FIRST_PAUSE_MILLIS = 1;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final MonoSink<T> sink;
  private final Callable<T> work;
  private final Consumer<? super T> dispose;
  private final Predicate<Exception> notNow;
  private final long deadline;

  /** One run at a time, each begun by the one before. */
  private long pauseMillis = FIRST_PAUSE_MILLIS;

  /** Any thread; the one that writes second sees the other and disposes. */
  private volatile boolean cancelled;

  private volatile @Nullable T made;

  private OffLoop(
      MonoSink<T> sink,
      Callable<T> work,
      Consumer<? super T> dispose,
      Predicate<Exception> notNow,
      Duration patience) {
    this.sink = sink;
    this.work = work;
    this.dispose = dispose;
    this.notNow = notNow;
    this.deadline = System.nanoTime() + patience.toNanos();
  }

  /**
   * Does the work at each subscription.
   *
   * @param dispose undoes it; may be called twice
   * @param notNow which errors are worth another try, after 1 to 50 ms
   * @param patience for how long it is tried; then the error is delivered
   */
  static <T> Mono<T> call(
      Callable<T> work,
      Consumer<? super T> dispose,
      Predicate<Exception> notNow,
      Duration patience) {
    return Mono.create(
        sink -> {
          OffLoop<T> call = new OffLoop<>(sink, work, dispose, notNow, patience);
          sink.onCancel(call);
          call.schedule(0);
        });
  }

  private void schedule(long millis) {
    try {
      Schedulers.boundedElastic().schedule(this, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      sink.error(e);
    }
  }

  @Override
  public void run() {
    if (cancelled) {
      return;
    }
    T result;
    try {
      result = work.call();
    } catch (Exception e) {
      if (notNow.test(e) && System.nanoTime() - deadline < 0) {
        long pause = pauseMillis;
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
        schedule(pause);
      } else {
        sink.error(e);
      }
      return;
    }
    made = result;
    if (cancelled) {
      dispose.accept(result);
    } else {
      // A cancel from now on either finds it delivered or calls dispose() below.
      sink.success(result);
    }
  }

  @Override
  public void dispose() {
    cancelled = true;
    T result = made;
    if (result != null) {
      dispose.accept(result);
    }
  }
}
