/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * One signal number and the subscriptions that listen to it: taken over with the first of them,
 * given back with the last.
 */
final class SignalLine {
  private final Signal signal;
  private final SignalSource source;

  /** Changed under this monitor, iterated by delivery threads without it. */
  private final List<SignalInbox> inboxes = new CopyOnWriteArrayList<>();

  /** Present while the signal is taken over. Guarded by this monitor. */
  private @Nullable Disposable installed;

  SignalLine(Signal signal, SignalSource source) {
    this.signal = signal;
    this.source = source;
  }

  /** If this fails, the inbox has to {@link #leave} all the same. */
  synchronized void join(SignalInbox inbox) {
    // The inbox comes before the handler: the other way round, a signal that arrives between the
    // two would be caught, no longer do what it did before, and be told to nobody.
    inboxes.add(inbox);
    if (installed == null) {
      installed = source.open(signal, this::deliver);
    }
  }

  synchronized void leave(SignalInbox inbox) {
    boolean last = inboxes.remove(inbox) && inboxes.isEmpty();
    if (last && installed != null) {
      Disposable toRestore = installed;
      installed = null;
      toRestore.dispose();
    }
  }

  private void deliver(Instant time, @Nullable SignalOrigin origin) {
    for (SignalInbox inbox : inboxes) {
      inbox.put(signal, time, origin);
    }
  }
}
