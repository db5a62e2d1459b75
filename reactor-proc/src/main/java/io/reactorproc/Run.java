/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.ipc.flow.ByteReceiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One subscription that runs something: what is common to all ways to run, and to one child and the
 * several of a pipeline. On the loop of the children, except for {@link #begin} and {@link
 * #cancelRun}, which any thread may call.
 *
 * <p>Which error is the error: a failed start; else what made us end the children (a timeout, a
 * limit, an input), as the status that this provoked says less; else the status, if the policy does
 * not accept it; else a failure to read one of the outputs.
 */
abstract class Run {
  private final Plan plan;
  private final Settings settings;
  private final ProcessRuntime runtime;
  private final IoEventLoop loop;
  private final List<Part> parts;
  private final Ending ending;
  private final Map<Integer, LentDescriptor> lent;
  private final @Nullable Foreground foreground;
  private final List<ScheduledFuture<?>> timers = new ArrayList<>(0);
  private final List<Throwable> later = new ArrayList<>(0);

  /** Set once, by the subscriber or by us; any thread. */
  private volatile boolean cancelled;

  /** Set once, on the loop; any thread. */
  private volatile boolean over;

  /** Set once, on the spawner thread of the start; from then on read anywhere. */
  private volatile @Nullable RunCgroup cgroup;

  private boolean launched;
  private int unfinished;
  private boolean shutDown;
  private @Nullable Reason reason;
  private @Nullable Part culprit;
  private @Nullable Throwable reasonCause;

  Run(Plan plan) {
    this(plan, Map.of());
  }

  /**
   * A run whose children get some of their descriptors from elsewhere.
   *
   * @param lent by the child's number, 0 to 2
   */
  Run(Plan plan, Map<Integer, LentDescriptor> lent) {
    this.plan = plan;
    this.settings = plan.whole();
    this.runtime = settings.runtimeOrShared();
    this.lent = lent;
    this.loop = runtime.nextLoop();
    this.parts = parts(plan);
    this.ending = new Ending(this, plan.order());
    this.unfinished = parts.size();
    this.foreground = settings.foreground ? new Foreground(this) : null;
  }

  private List<Part> parts(Plan plan) {
    List<Part> made = new ArrayList<>(plan.members().size());
    for (Planned member : plan.members()) {
      made.add(new Part(this, made.size(), member));
    }
    return made;
  }

  /** Submits the start. */
  final void begin() {
    Duration limit = settings.startTimeout;
    if (limit != null) {
      loop.execute(() -> after(limit, this::startTookTooLong));
    }
    new Launch(this).begin();
  }

  private void startTookTooLong() {
    if (!launched && !cancelled) {
      cancelled = true;
      failedToStart(
          new ProcessStartException(
              ProcessStartException.Reason.TIMEOUT,
              plan.job().toString(),
              "the start took longer than " + settings.startTimeout,
              null));
    }
  }

  private void after(Duration delay, Runnable action) {
    timers.removeIf(ScheduledFuture::isDone); // an idle timeout is armed again and again
    timers.add(loop.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS));
  }

  private void stopTimers() {
    for (ScheduledFuture<?> timer : timers) {
      timer.cancel(false);
    }
    timers.clear();
  }

  /** The children are there and attached. */
  final void launched() {
    launched = true;
    stopTimers();
    if (foreground != null) {
      foreground.watch();
    }
    if (cancelled) {
      ending.launched();
      ending.hangUp();
      return;
    }
    Duration timeout = settings.timeout;
    if (timeout != null) {
      after(timeout, () -> fail(Reason.TIMEOUT, null, null));
    }
    Duration idle = settings.idleTimeout;
    if (idle != null) {
      after(idle, () -> checkIdle(idle));
    }
    started();
    ending.launched();
  }

  private void checkIdle(Duration idle) {
    long quiet = Long.MAX_VALUE;
    boolean readerIsSlow = false;
    RunCgroup place = cgroup;
    boolean paused = place != null && place.pausing().isFrozen();
    for (Part part : parts) {
      quiet = Math.min(quiet, System.nanoTime() - part.member().lastOutputNanos());
      readerIsSlow |=
          part.member().outputs().stream().anyMatch(o -> !o.isEnded() && o.channel().lacksDemand());
      paused |= part.member().isPausedByUs();
    }
    if (readerIsSlow || paused) {
      parts.get(0).member().outputSeen(); // the silence may be ours: it counts from when we listen
      after(idle, () -> checkIdle(idle));
    } else if (quiet >= idle.toNanos()) {
      fail(Reason.IDLE_TIMEOUT, null, null);
    } else {
      after(idle.minusNanos(quiet), () -> checkIdle(idle));
    }
  }

  /** There are no children, and nothing of them is left. */
  final void notStarted(Throwable error) {
    stopTimers();
    leaveCgroup();
    if (foreground == null) {
      tellNotStarted(error);
    } else {
      foreground.end(() -> tellNotStarted(error));
    }
  }

  private void tellNotStarted(Throwable error) {
    if (!cancelled) {
      cancelled = true;
      failedToStart(error);
    }
  }

  /**
   * Ends the children for a reason of ours; the first reason counts.
   *
   * @param part whose input, output or limit it is, where it is one child's
   */
  final void fail(Reason why, @Nullable Part part, @Nullable Throwable cause) {
    if (cancelled) {
      return;
    }
    if (reason != null) {
      if (cause != null) {
        later.add(cause);
      }
      return;
    }
    reason = why;
    culprit = part;
    reasonCause = cause;
    ending.terminate(settings.termination);
    for (Part each : parts) {
      for (OutputPort output : each.member().outputs()) {
        if (output.pipe.use() == Wiring.Use.STREAM || output.pipe.use() == Wiring.Use.STAGE) {
          output.cancel(); // what a subscriber has not asked for must not delay the error
        }
      }
      each.member().closeTap();
    }
  }

  /**
   * All children of the runtime are to end: by the settings of the run, unless they are being ended
   * already, or now in another way.
   */
  final void shutDown(@Nullable Termination now) {
    shutDown = true;
    if (now != null) {
      ending.terminate(now);
    } else if (!ending.isOnItsWay()) {
      ending.terminate(settings.termination);
    }
  }

  /** The subscriber gave up. Any thread; repeating is harmless. */
  final void cancelRun() {
    if (cancelled) {
      return;
    }
    cancelled = true;
    if (loop.inEventLoop()) {
      cancelOnLoop();
    } else {
      loop.execute(this::cancelOnLoop);
    }
  }

  private void cancelOnLoop() {
    stopTimers();
    if (launched) {
      ending.hangUp();
    }
    letGo();
  }

  /** A member is gone. */
  final void reaped() {
    ending.memberGone();
    if (allReaped()) {
      over = true;
      stopTimers();
      RunCgroup current = cgroup;
      if (current != null) {
        current.childrenGone();
      }
    }
  }

  /** Whether every child is reaped. */
  final boolean allReaped() {
    for (Part part : parts) {
      if (!part.member().hasEnded()) {
        return false;
      }
    }
    return true;
  }

  /** Whether we had to end it: the verdict will say why. */
  final boolean hasFailed() {
    return reason != null;
  }

  /** All is over: the error that counts, or null for success. */
  final @Nullable Throwable verdict() {
    Throwable verdict = first();
    if (verdict != null) {
      later.forEach(verdict::addSuppressed);
    }
    return verdict;
  }

  private @Nullable Throwable first() {
    Reason why = reason;
    try {
      if (why != null) {
        return plan.judge().because(why, culprit, parts, reasonCause);
      }
      Throwable nested = firstFailure(Part::nestedFailure);
      if (nested != null) {
        return nested;
      }
      Throwable ofStatuses = plan.judge().ofStatuses(parts);
      if (ofStatuses != null && shutDown) {
        return plan.judge().because(Reason.SHUTDOWN, null, parts, null);
      }
      return ofStatuses != null ? ofStatuses : firstFailure(Part::readFailure);
    } catch (RuntimeException thrown) {
      return thrown; // the user's predicate
    }
  }

  private @Nullable Throwable firstFailure(Function<Part, @Nullable Throwable> of) {
    for (Part part : parts) {
      Throwable failure = of.apply(part);
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  private void leaveCgroup() {
    RunCgroup current = cgroup;
    if (current != null) {
      current.over();
    }
  }

  /** The children will be in this cgroup. */
  final void placed(RunCgroup place) {
    cgroup = place;
  }

  /** Where the children are, if they have a cgroup of their own. Any thread. */
  final @Nullable RunCgroup cgroup() {
    return cgroup;
  }

  /** Whether all members are gone. Any thread. */
  final boolean isOver() {
    return over;
  }

  /** Whether the children run, or did. */
  final boolean isLaunched() {
    return launched;
  }

  final boolean isCancelled() {
    return cancelled;
  }

  /** What is run, for messages. */
  final Job job() {
    return plan.job();
  }

  /** How its members are paused. */
  final Pausing pausing() {
    RunCgroup place = cgroup;
    return place == null ? Pausing.BY_SIGNAL : place.pausing();
  }

  /** One for each child, in the order of the plan. */
  final List<Part> parts() {
    return parts;
  }

  /** What ends its members. */
  final Ending ending() {
    return ending;
  }

  final Settings settings() {
    return settings;
  }

  /** The foreground of the terminal, where its children are to have that. */
  final @Nullable Foreground foreground() {
    return foreground;
  }

  /** Whether somebody has a handle of what runs. */
  boolean isInTheHandsOfItsUser() {
    return false;
  }

  final ProcessRuntime runtime() {
    return runtime;
  }

  final IoEventLoop loop() {
    return loop;
  }

  /** Whether this end is lent to the run as a whole, and not made by it. */
  final boolean lends(LentDescriptor end) {
    return lent.containsValue(end);
  }

  /** The lent end behind a port that is {@link Wiring.Lent}. */
  final LentDescriptor lent(int descriptor) {
    return Objects.requireNonNull(lent.get(descriptor));
  }

  /**
   * Who gets the bytes of an output; asked once for each before {@link #started}, and free to give
   * demand by then.
   */
  abstract ByteReceiver receiver(Part part, OutputPort output);

  /** The start failed, and this is the error for the subscriber. */
  abstract void failedToStart(Throwable error);

  /** The children run. */
  abstract void started();

  /** The run was cancelled: whatever waits for the subscriber will not be asked for. */
  void letGo() {}

  /** An output has ended. */
  void outputEnded(OutputPort output) {}

  /** A child is reaped, or an output is drained or has ended: look whether that matters. */
  void progressed() {}

  /** One child is reaped and its outputs have ended. */
  final void childFinished() {
    if (--unfinished == 0) {
      ending.stop();
      leaveCgroup();
      finished();
    }
  }

  /** Every child is reaped and every output has ended; called also after a cancel. */
  abstract void finished();
}
