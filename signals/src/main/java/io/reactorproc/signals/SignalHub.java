/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/** All lines of one source, and subscriptions that join several of them with one inbox. */
final class SignalHub {
  /**
   * A subscription is polled one event at a time: its inbox is the only queue, and so the only
   * bound.
   */
  private static final int PREFETCH = 1;

  private final SignalSource source;
  private final List<SignalLine> lines;

  SignalHub(SignalSource source) {
    this.source = source;
    this.lines =
        IntStream.rangeClosed(1, Signal.LAST)
            .mapToObj(number -> new SignalLine(Signal.of(number), source))
            .toList();
  }

  /** What {@link Signals#on} promises. */
  Flux<SignalEvent> on(Scheduler scheduler, Collection<Signal> signals) {
    Set<Signal> distinct = new LinkedHashSet<>(signals);
    for (Signal signal : distinct) {
      String refusal = source.refusal(signal);
      if (refusal != null) {
        throw new UnsupportedSignalException(signal, refusal);
      }
    }
    return Flux.defer(() -> deliver(scheduler, distinct));
  }

  private Flux<SignalEvent> deliver(Scheduler scheduler, Set<Signal> signals) {
    return Flux.using(
            () -> new Listening(signals), listening -> listening.inbox.events(), Listening::dispose)
        .publishOn(new ForgivingScheduler(scheduler), PREFETCH);
  }

  private SignalLine line(Signal signal) {
    return lines.get(signal.number() - 1);
  }

  /** One subscription: on all of its lines, or on none. */
  private final class Listening implements Disposable {
    private final SignalInbox inbox = new SignalInbox();
    private final Set<Signal> signals;

    Listening(Set<Signal> signals) {
      this.signals = signals;
      try {
        signals.forEach(signal -> line(signal).join(inbox));
      } catch (RuntimeException | Error failure) {
        dispose();
        throw failure;
      }
    }

    /** Leaving a line that was not joined does nothing, so this also undoes half a start. */
    @Override
    public void dispose() {
      signals.forEach(signal -> line(signal).leave(inbox));
    }
  }
}
