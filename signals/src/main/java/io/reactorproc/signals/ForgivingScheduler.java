/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.util.concurrent.RejectedExecutionException;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * Another scheduler, whose workers ignore what is scheduled behind their own disposal.
 *
 * <p>A cancel of {@code publishOn} gives its worker back, and a signal that arrives in that moment
 * meets a worker that is gone. An ordinary worker rejects it, which Reactor would log as a dropped
 * error although nobody is left to miss anything. A scheduler that is itself disposed of still
 * rejects: that does concern somebody.
 */
final class ForgivingScheduler implements Scheduler {
  private final Scheduler target;

  ForgivingScheduler(Scheduler target) {
    this.target = target;
  }

  @Override
  public Disposable schedule(Runnable task) {
    return target.schedule(task);
  }

  @Override
  public Worker createWorker() {
    return new ForgivingWorker(target.createWorker());
  }

  private static final class ForgivingWorker implements Worker {
    private final Worker target;
    private volatile boolean disposed;

    ForgivingWorker(Worker target) {
      this.target = target;
    }

    @Override
    public Disposable schedule(Runnable task) {
      try {
        return target.schedule(task);
      } catch (RejectedExecutionException rejection) {
        if (disposed) {
          return Disposables.disposed();
        }
        throw rejection;
      }
    }

    @Override
    public void dispose() {
      disposed = true;
      target.dispose();
    }

    @Override
    public boolean isDisposed() {
      return disposed;
    }
  }
}
