/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.life;

import io.reactorproc.RunningPipeline;
import io.reactorproc.RunningProcess;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.signals.Signals;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Hands signals of this JVM on to a child or a pipeline. An immutable value.
 *
 * <pre>{@code
 * Forwarding.of(SIGHUP, SIGUSR1).as(SIGTERM, SIGQUIT).to(server).subscribe();
 * }</pre>
 *
 * <p>For each of the ways to hand on:
 *
 * <ul>
 *   <li><b>Start:</b> the signals are listened to from each subscription on, {@link Signals} says
 *       with which consequences: while there is one, SIGTERM does not end the JVM.
 *   <li><b>Elements:</b> each signal that arrived, once it was sent on. Demand is unlimited,
 *       whoever asks: what is not taken is dropped.
 *   <li><b>Cancel:</b> the signals do again what they did before. Nothing happens to the child.
 *   <li><b>End:</b> when the child is gone; an error of the system call, such as {@code EPERM},
 *       ends it, too.
 *   <li><b>Thread:</b> the event loop of the child.
 *   <li><b>Repeating</b> is safe.
 * </ul>
 */
public final class Forwarding {
  /** By what arrives. */
  private final Map<Signal, Signal> sentAs;

  private Forwarding(Map<Signal, Signal> sentAs) {
    this.sentAs = sentAs;
  }

  /** Hands these on as they are. */
  public static Forwarding of(Signal first, Signal... more) {
    Map<Signal, Signal> same = new LinkedHashMap<>();
    same.put(Objects.requireNonNull(first, "first"), first);
    for (Signal signal : more) {
      same.put(Objects.requireNonNull(signal, "more"), signal);
    }
    return new Forwarding(same);
  }

  /** Hands one on as another, such as SIGTERM as the SIGQUIT that ends some servers gracefully. */
  public Forwarding as(Signal arrives, Signal sent) {
    Map<Signal, Signal> changed = new LinkedHashMap<>(sentAs);
    changed.put(Objects.requireNonNull(arrives, "arrives"), Objects.requireNonNull(sent, "sent"));
    return new Forwarding(changed);
  }

  /** To the child alone: what its own children should know is its business. */
  public Flux<SignalEvent> to(RunningProcess child) {
    return to(child::signal, child.exit());
  }

  /** To the process group of the child, as a terminal does. */
  public Flux<SignalEvent> toGroup(RunningProcess child) {
    return to(child::signalGroup, child.exit());
  }

  /** To all children of a pipeline. */
  public Flux<SignalEvent> to(RunningPipeline pipeline) {
    return to(pipeline::signal, pipeline.exit());
  }

  private Flux<SignalEvent> to(Function<Signal, Mono<Boolean>> send, Mono<?> exit) {
    List<Signal> arriving = List.copyOf(sentAs.keySet());
    Signal[] more = arriving.subList(1, arriving.size()).toArray(Signal[]::new);
    Map<Signal, Signal> as = new HashMap<>(sentAs);
    return Flux.defer(() -> Signals.on(arriving.get(0), more))
        .takeUntilOther(exit.onErrorComplete())
        .concatMap(
            event ->
                send.apply(Objects.requireNonNull(as.get(event.signal())))
                    .filter(Boolean::booleanValue)
                    .map(sent -> event),
            1)
        .onBackpressureDrop();
  }
}
