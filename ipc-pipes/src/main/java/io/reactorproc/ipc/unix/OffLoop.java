/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * Blocking work, such as the look-up of a path, on Reactor's bounded elastic threads. What it made
 * is handed over or disposed of, whenever a cancel comes.
 */
final class OffLoop<T> implements Runnable, Disposable {
  private final MonoSink<T> sink;
  private final Callable<T> work;
  private final Consumer<? super T> dispose;

  /** Any thread; the one that writes second sees the other and disposes. */
  private volatile boolean cancelled;

  private volatile @Nullable T made;

  private OffLoop(MonoSink<T> sink, Callable<T> work, Consumer<? super T> dispose) {
    this.sink = sink;
    this.work = work;
    this.dispose = dispose;
  }

  /**
   * Does the work at each subscription.
   *
   * @param dispose undoes it; may be called twice
   */
  static <T> Mono<T> call(Callable<T> work, Consumer<? super T> dispose) {
    return Mono.create(
        sink -> {
          OffLoop<T> call = new OffLoop<>(sink, work, dispose);
          sink.onCancel(call);
          try {
            Schedulers.boundedElastic().schedule(call);
          } catch (RejectedExecutionException e) {
            sink.error(e);
          }
        });
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
      sink.error(e);
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
