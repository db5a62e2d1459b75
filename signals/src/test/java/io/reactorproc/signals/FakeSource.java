/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** A source without an operating system; a signal arrives when the test says so. */
final class FakeSource implements SignalSource {
  private final Map<Signal, Receiver> open = new ConcurrentHashMap<>();
  private final Set<Signal> refusedAtCheck = ConcurrentHashMap.newKeySet();
  private final Set<Signal> refusedAtOpen = ConcurrentHashMap.newKeySet();

  @Override
  public @Nullable String refusal(Signal signal) {
    return refusedAtCheck.contains(signal) ? "the test says so" : null;
  }

  @Override
  public Disposable open(Signal signal, Receiver receiver) {
    if (refusedAtOpen.contains(signal)) {
      throw new UnsupportedSignalException(signal, "the test says so");
    }
    if (open.putIfAbsent(signal, receiver) != null) {
      throw new AssertionError(signal + " was opened twice");
    }
    return () -> {
      if (!open.remove(signal, receiver)) {
        throw new AssertionError(signal + " was given back twice");
      }
    };
  }

  FakeSource refuseAtCheck(Signal signal) {
    refusedAtCheck.add(signal);
    return this;
  }

  FakeSource refuseAtOpen(Signal signal) {
    refusedAtOpen.add(signal);
    return this;
  }

  /** The signals that are taken over now. */
  Set<Signal> open() {
    return Set.copyOf(open.keySet());
  }

  /** What the kernel would call; to be held on to for deliveries that come too late. */
  Receiver receiver(Signal signal) {
    Receiver receiver = open.get(signal);
    if (receiver == null) {
      throw new AssertionError(signal + " is not open");
    }
    return receiver;
  }

  void arrive(Signal signal) {
    receiver(signal).onArrival(Instant.now(), null);
  }
}
