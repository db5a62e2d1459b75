/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.WaitResult;
import io.reactorproc.signals.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a child is stopped, and who wants to know. The kernel keeps the last stop or continuation
 * of a child until it is asked for, once; so all who listen to one child share this, and what
 * happened while nobody did is still there to be learnt. On the loop.
 */
final class JobState {
  private final Child child;
  private final List<Listener> listeners = new ArrayList<>(1);
  private StopWatch.@Nullable Registration watching;

  /** The number of the signal that stopped it; 0 while it runs. */
  private int stoppedBy;

  JobState(Child child) {
    this.child = child;
  }

  /** Learns of what happens to one child. On the loop. */
  interface Listener {
    void stopped(Signal signal);

    void continued();

    /** SIGCONT was sent by us, whether or not that changed anything. */
    default void told() {}

    /** It is reaped, and nothing follows. */
    default void gone() {}
  }

  /** Adds a listener, which hears at once where the child is stopped by now. */
  void add(Listener listener) {
    if (child.isReaped()) {
      listener.gone();
      return;
    }
    listeners.add(listener);
    if (watching == null) {
      watching = StopWatch.shared().watch(child.loop(), this::look);
    }
    // After the registration: what happens from now on is signalled.
    if (!look() && stoppedBy != 0) {
      listener.stopped(Signal.of(stoppedBy));
    }
  }

  void remove(Listener listener) {
    listeners.remove(listener);
    if (listeners.isEmpty()) {
      stopWatching();
    }
  }

  private void stopWatching() {
    StopWatch.Registration current = watching;
    if (current != null) {
      watching = null;
      current.cancel();
    }
  }

  /** Asks the system now. */
  boolean isStopped() {
    look();
    return stoppedBy != 0;
  }

  /** Takes what there is to be told; false where there is nothing. */
  private boolean look() {
    boolean changed = false;
    while (!child.isReaped()) {
      WaitResult change = child.takeJobChange();
      if (change.kind() == WaitResult.Kind.STOPPED) {
        stoppedBy = change.value();
        Signal signal = Signal.of(stoppedBy);
        Foreground foreground = child.part().run().foreground();
        if (foreground != null) {
          foreground.stopped(signal);
        }
        tell(listener -> listener.stopped(signal));
      } else if (change.kind() == WaitResult.Kind.CONTINUED) {
        stoppedBy = 0;
        tell(Listener::continued);
      } else {
        return changed;
      }
      changed = true;
    }
    return changed;
  }

  /** Where the child had the foreground of the terminal, that is ours again before. */
  private void tell(Consumer<Listener> what) {
    Foreground foreground = child.part().run().foreground();
    Runnable telling = () -> List.copyOf(listeners).forEach(what);
    if (foreground == null) {
      telling.run();
    } else {
      foreground.settled(telling);
    }
  }

  /** We have sent SIGCONT to it. */
  void continueTold() {
    look();
    List.copyOf(listeners).forEach(Listener::told);
  }

  /** The child is reaped. */
  void reaped() {
    stopWatching();
    List<Listener> told = List.copyOf(listeners);
    listeners.clear();
    told.forEach(Listener::gone);
  }
}
