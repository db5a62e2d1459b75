/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Signals sent to this JVM, as streams.
 *
 * <pre>{@code
 * Flux<Configuration> reloads = Signals.on(Signal.SIGHUP).concatMap(hangUp -> reload());
 * Mono<SignalEvent> stop = Signals.on(Signal.SIGINT, Signal.SIGTERM).next();
 * }</pre>
 *
 * <p><b>While anybody listens to a signal, what it did before does not happen:</b> SIGTERM no
 * longer ends the JVM, and its shutdown hooks run only if the subscriber calls {@code System.exit}.
 * After the last subscription the previous disposition is back.
 *
 * <p><b>Two ways, chosen for each signal.</b> A signal that was blocked before the JVM started, and
 * so is blocked in all of its threads, comes through a signalfd: no thread is started for it, the
 * sender is known, real-time signals and their values come one by one. Such a JVM is started by
 *
 * <pre>{@code
 * env --block-signal=INT,TERM,HUP,USR1,CHLD java -Xrs ...
 * }</pre>
 *
 * <p>{@code -Xrs} belongs to it, as HotSpot else unblocks INT, TERM and HUP in each of its threads.
 * Everything else comes through the JVM's own handler, {@code sun.misc.Signal}. {@link #mode} tells
 * which one it is. Where nobody listens, a blocked signal does nothing but wait in the kernel (once
 * for each number, real-time signals each), and reaches the next subscription; so block only what
 * you listen to. Children of this project start with an empty mask. Those of {@code
 * java.lang.Process} get what the JVM was started with, so that a SIGTERM to them waits, too,
 * unless they are started through {@code env --default-signal}.
 *
 * <p>What is below about handlers is not true for signals that come through a signalfd.
 *
 * <p><b>Ignored when the JVM started.</b> SIGHUP, SIGINT and SIGTERM then stay ignored, as Unix
 * expects of SIGHUP under {@code nohup} and of SIGINT in a job that a script put into the
 * background: HotSpot never takes those three from whoever ignored them, and a subscription to them
 * stays silent. Other ignored signals are delivered, and ignored again after the last subscription.
 *
 * <p><b>What can be listened to.</b> Not SIGKILL and SIGSTOP, which the kernel keeps; not SIGSEGV,
 * SIGBUS, SIGFPE, SIGILL and SIGQUIT, which the virtual machine keeps; not the real-time signals,
 * which the JVM's handlers do not know; and none at all in a JVM started with {@code -Xrs}, which
 * has nobody to tell them.
 *
 * <p><b>Think twice about SIGUSR2 and SIGPROF.</b> HotSpot sends SIGUSR2 to its own threads to stop
 * them for the samples of Flight Recorder: while somebody listens to SIGUSR2, a recording gets no
 * samples and the stream gets events that nobody sent. Profilers use SIGPROF in the same way.
 *
 * <p><b>Cost.</b> The JVM starts a thread for each delivery. SIGCHLD deserves a thought for that:
 * it comes with each exit, stop and continuation of each child, whoever started it. The first call
 * of {@code on} in a JVM loads its management beans, 10 to 25 ms, to learn of {@code -Xrs}.
 */
public final class Signals {
  private Signals() {}

  /**
   * Listens to signals, and delivers on the daemon thread {@code reactor-proc-signals}, which all
   * such subscriptions of the JVM share and which must not be blocked. It never ends.
   *
   * <ul>
   *   <li><b>Start:</b> with each subscription, before {@code subscribe} returns. Taking a signal
   *       over is {@code sigaction(2)} by way of {@code sun.misc.Signal}.
   *   <li><b>Subscription:</b> each has its own queue of 256 events and gets each signal that
   *       arrives while it lives. Any number may live at once; none sees earlier signals.
   *   <li><b>Demand:</b> honoured. Signals cannot wait, so what does not fit into the queue is
   *       dropped, and {@link SignalEvent#missed()} of the next event tells how many.
   *   <li><b>Cancel:</b> synchronous. When it returns, and this was the last subscription of a
   *       signal, the disposition from before the first is restored: the default, ignoring, the
   *       virtual machine's own, or another's {@code sun.misc.Signal} handler. If somebody put
   *       theirs over ours meanwhile, that one stays.
   *   <li><b>End:</b> never by itself. An error only at the start: {@link
   *       UnsupportedSignalException} if the virtual machine refuses what it was expected to grant.
   *       Then none of the signals is taken.
   *   <li><b>Order:</b> events that come at nearly the same time may swap places, of one signal or
   *       of several; {@link SignalEvent#time()} tells.
   *   <li><b>Repeating</b> is safe.
   * </ul>
   *
   * @throws UnsupportedSignalException at once, if one of them can never be listened to in this JVM
   */
  public static Flux<SignalEvent> on(Signal first, Signal... more) {
    return on(Shared.SCHEDULER, first, more);
  }

  /**
   * Like {@link #on(Signal, Signal...)}, but delivers on a scheduler of the caller's. An event loop
   * of Netty becomes one by {@code Schedulers.fromExecutorService(loop)}.
   *
   * @param scheduler stays the caller's, and should outlive the subscriptions: one that is left
   *     behind fails with {@code RejectedExecutionException} at the next signal and lets go of its
   *     signals, or only stays silent if the disposal threw its work away
   * @throws UnsupportedSignalException at once, if one of them can never be listened to in this JVM
   */
  public static Flux<SignalEvent> on(Scheduler scheduler, Signal first, Signal... more) {
    Objects.requireNonNull(scheduler, "scheduler");
    List<Signal> signals = new ArrayList<>(1 + more.length);
    signals.add(Objects.requireNonNull(first, "first"));
    for (Signal signal : more) {
      signals.add(Objects.requireNonNull(signal, "more"));
    }
    return Shared.HUB.on(scheduler, signals);
  }

  /**
   * How a signal would reach a subscription that is made now. Looks at the threads of this JVM, so
   * the answer is for a start or a log and not for a hot path.
   *
   * @return {@link SignalMode#HANDLER}, too, for signals that are refused
   */
  public static SignalMode mode(Signal signal) {
    return Shared.SOURCE.mode(Objects.requireNonNull(signal, "signal"));
  }

  /**
   * Ends this JVM at once by a signal to itself, with its default disposition: no shutdown hook
   * runs, and who waits for the JVM sees what it would of any program that the signal ended. A
   * shell shows {@code 128 + n}, and ends the script that it reads where the signal is SIGINT.
   * Where the signal does not end it, as in process 1 of a container, where it is blocked, and
   * where its default is another, the JVM halts with the code {@code 128 + n}. It does not return.
   */
  public static void dieBy(Signal signal) {
    Death.by(Objects.requireNonNull(signal, "signal"));
  }

  /** Made with the first use, and never torn down. */
  private static final class Shared {
    static final ModalSource SOURCE = new ModalSource(new SignalfdSource(), new HandlerSource());
    static final SignalHub HUB = new SignalHub(SOURCE);
    static final Scheduler SCHEDULER = Schedulers.newSingle(DeliveryThread::new);

    private Shared() {}
  }

  /** Known to Reactor as non-blocking, so that {@code block()} on it fails at once. */
  private static final class DeliveryThread extends Thread implements NonBlocking {
    DeliveryThread(Runnable work) {
      super(work, "reactor-proc-signals");
      setDaemon(true);
    }
  }
}
