/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.cgroup.Cgroup;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** Those who want to know of all children. Any thread. */
final class ChildListeners {
  private static final Logger LOG = LoggerFactory.getLogger(ChildListeners.class);
  private static final List<ChildListener> ALL = new CopyOnWriteArrayList<>();

  private ChildListeners() {}

  /**
   * Adds a listener, and tells it of the children that live: each on its loop, which is where it is
   * reaped, so that no end can come before its start. A start that is under way may be told twice.
   */
  static Disposable add(ChildListener listener) {
    ALL.add(listener);
    for (ProcessRuntime runtime : Runtimes.all()) {
      for (Child child : runtime.living()) {
        try {
          child.loop().execute(() -> tellOfLiving(listener, child));
        } catch (RejectedExecutionException e) {
          LOG.debug("the event loop of {} was shut down", child.info());
        }
      }
    }
    return Disposables.composite(() -> ALL.remove(listener));
  }

  private static void tellOfLiving(ChildListener listener, Child child) {
    if (!child.isReaped() && ALL.contains(listener)) {
      tell(listener, l -> child.info().cgroup().ifPresent(l::placing));
      tell(listener, l -> l.started(child.info()));
    }
  }

  static void placing(Cgroup cgroup) {
    tellAll(listener -> listener.placing(cgroup));
  }

  static void started(ChildInfo child) {
    tellAll(listener -> listener.started(child));
  }

  static void ending(ChildInfo child) {
    tellAll(listener -> listener.ending(child));
  }

  static void ended(ChildInfo child) {
    tellAll(listener -> listener.ended(child));
  }

  private static void tellAll(Consumer<ChildListener> what) {
    for (ChildListener listener : ALL) {
      tell(listener, what);
    }
  }

  private static void tell(ChildListener listener, Consumer<ChildListener> what) {
    try {
      what.accept(listener);
    } catch (RuntimeException | Error e) {
      LOG.error("{} failed", listener, e);
    }
  }
}
