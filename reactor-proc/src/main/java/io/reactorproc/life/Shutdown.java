/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.life;

import io.reactorproc.Closing;
import io.reactorproc.ClosingRules;
import io.reactorproc.ClosingState;
import io.reactorproc.Command;
import io.reactorproc.Pipeline;
import io.reactorproc.ProcessRuntime;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.Signals;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The orderly end of all children, and after it of the JVM. An immutable value: what to do, and in
 * which order; the {@link Closing} that it makes happens once for its runtime, whoever asks for it.
 *
 * <pre>{@code
 * Shutdown.ofAll()
 *     .patience(Duration.ofSeconds(20))
 *     .dependency("web", "db") // db is told to end when web is gone
 *     .install();              // at SIGTERM and SIGINT, and whenever else the JVM ends
 * }</pre>
 *
 * <p><b>What happens.</b> No child is started any more; those that live are ended by their own
 * terminations, pipelines from their first stage on, each as soon as no job is left that needs it;
 * what is left when the patience is over is killed. {@linkplain Command#detached() Detached}
 * children stay.
 *
 * <p><b>In a service that is closed by its framework</b> {@link #close()} is all that is needed: it
 * may be asked for any number of times, and {@link #progress()} shows which children are left. As
 * the JVM ends its hooks run all at once, and one of this project ends the children; {@link
 * #waitForClose} keeps it waiting for the framework.
 *
 * <p><b>As the end of a program</b> {@link #install()} does that at signals: the first one begins,
 * and when no child is left the JVM ends with {@code System.exit(128 + n)}, which runs the shutdown
 * hooks of others and which a shell shows as 143 for SIGTERM and 130 for SIGINT. It does not die by
 * the signal itself then, as that would cut off those hooks. A second signal is for those who do
 * not want to wait: SIGKILL to the process groups of all that is left, of whatever runtime, and the
 * JVM dies by that signal, with its default disposition restored, no hook run. A repetition within
 * 100 ms of the first signal is not a second one: {@code timeout(1)} and a shell's Ctrl-C together
 * with a parent that forwards it signal twice and mean it once.
 */
public final class Shutdown {
  private final Closing closing;
  private final ClosingRules rules;
  private final Duration waitForClose;
  private final List<Signal> signals;

  private Shutdown(
      Closing closing, ClosingRules rules, Duration waitForClose, List<Signal> signals) {
    this.closing = closing;
    this.rules = rules;
    this.waitForClose = waitForClose;
    this.signals = signals;
  }

  /** Of all children of this JVM, whatever runtime they run on. */
  public static Shutdown ofAll() {
    return of(Closing.ofAll());
  }

  /** Of the children of one runtime. */
  public static Shutdown of(ProcessRuntime runtime) {
    return of(Closing.of(runtime));
  }

  private static Shutdown of(Closing closing) {
    return new Shutdown(
        closing, ClosingRules.standard(), Duration.ZERO, List.of(Signal.SIGTERM, Signal.SIGINT));
  }

  /**
   * How long all of it may take; 10 seconds by default.
   *
   * @throws io.reactorproc.InvalidCommandException if it is negative
   */
  public Shutdown patience(Duration time) {
    return new Shutdown(closing, rules.patience(time), waitForClose, signals);
  }

  /**
   * A job needs others as long as it lives, by the names of {@link Command#named} and {@link
   * Pipeline#named}: they are ended after it.
   *
   * @throws IllegalArgumentException if they would need each other in a circle
   */
  public Shutdown dependency(String job, String... needed) {
    return new Shutdown(closing, rules.dependency(job, needed), waitForClose, signals);
  }

  /**
   * For {@link #install()}: when the JVM ends, children live on, and are started, until somebody
   * calls {@link #close()} or this time is over. A signal then begins the end of the JVM and not
   * that of the children. Not waited for by default.
   */
  public Shutdown waitForClose(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("a time to wait cannot be negative: " + time);
    }
    return new Shutdown(closing, rules, time, signals);
  }

  /** The signals of {@link #install()}; SIGTERM and SIGINT by default. */
  public Shutdown on(Signal first, Signal... more) {
    Signal[] all = Arrays.copyOf(more, more.length + 1);
    all[more.length] = Objects.requireNonNull(first, "first");
    return new Shutdown(closing, rules, waitForClose, List.of(all));
  }

  /**
   * Ends the children.
   *
   * <ul>
   *   <li><b>Start:</b> at the first subscription to this {@code Mono} of any {@code Shutdown} of
   *       this runtime; the rules of that one count. Later ones join it.
   *   <li><b>Result:</b> one, when nothing more is done: the jobs that are {@linkplain
   *       ClosingState#left() left} are none, unless one hangs in the kernel. It is never an error,
   *       and takes the patience and 2 seconds at most.
   *   <li><b>Cancel:</b> stops nothing.
   *   <li><b>Thread:</b> an event loop; {@code publishOn} leaves it.
   * </ul>
   */
  public Mono<ClosingState> close() {
    return Mono.defer(() -> closing.begin(rules).last());
  }

  /** Which children are left; see {@link Closing#states()}. Begins nothing. */
  public Flux<ClosingState> progress() {
    return closing.states();
  }

  /**
   * Listens to the signals from now on, and sees to the end of the JVM.
   *
   * @return takes both back, as long as it has not begun
   * @throws io.reactorproc.signals.UnsupportedSignalException if one of them can never be listened
   *     to in this JVM, as all under {@code -Xrs} that were not blocked before its start
   */
  public Disposable install() {
    Signal[] more = signals.subList(1, signals.size()).toArray(Signal[]::new);
    SignalledEnd end = new SignalledEnd(this);
    Flux<?> events = Signals.on(signals.get(0), more).doOnNext(end::arrived);
    Disposable atEnd = closing.atJvmEnd(rules, waitForClose);
    return Disposables.composite(events.subscribe(), atEnd);
  }

  /** Whether others end the children when the JVM ends. */
  boolean isLeftToOthers() {
    return !waitForClose.isZero();
  }
}
