/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ProcessExitException.Reason;
import io.reactorproc.Wiring.Port;
import io.reactorproc.ipc.flow.ByteReceiver;
import io.reactorproc.ipc.flow.StreamEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One subscription that runs a command: what is common to all ways to run. On the child's loop,
 * except for {@link #begin} and {@link #cancelRun}, which any thread may call.
 *
 * <p>Which error is the error: a failed start; else what made us end the child (a timeout, a limit,
 * its input), as the status that this provoked says less; else the status, if the policy does not
 * accept it; else a failure to read one of its outputs.
 */
abstract class Run {
  private final Command command;
  private final Settings settings;
  private final ProcessRuntime runtime;
  private final IoEventLoop loop;
  private final List<Port> ports;
  private final Map<Integer, LentDescriptor> lent;
  private final List<ScheduledFuture<?>> timers = new ArrayList<>(0);
  private final List<Throwable> later = new ArrayList<>(0);

  /** Set once, by the subscriber or by us; any thread. */
  private volatile boolean cancelled;

  private @Nullable Child child;
  private @Nullable Reason reason;
  private @Nullable Throwable reasonCause;
  private @Nullable StderrCollector stderr;

  Run(Command command, Wiring.Mode mode) {
    this(command, mode, Map.of());
  }

  /**
   * A run whose child gets some of its descriptors from elsewhere.
   *
   * @param lent by the child's number, 0 to 2
   */
  Run(Command command, Wiring.Mode mode, Map<Integer, LentDescriptor> lent) {
    this.command = command;
    this.settings = command.settings();
    this.runtime = settings.runtimeOrShared();
    this.ports = Wiring.of(settings, mode, lent.keySet());
    this.lent = lent;
    this.loop = runtime.nextLoop();
  }

  /** Submits the start. */
  final void begin() {
    Duration limit = settings.startTimeout;
    if (limit != null) {
      loop.execute(() -> after(limit, this::startTookTooLong));
    }
    Spawner.shared().submit(new Launch(this));
  }

  private void startTookTooLong() {
    if (child == null && !cancelled) {
      cancelled = true;
      failedToStart(
          new ProcessStartException(
              ProcessStartException.Reason.TIMEOUT,
              command.toString(),
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

  /** The child is there and attached. */
  final void launched(Child attached) {
    child = attached;
    stopTimers();
    if (cancelled) {
      attached.cancel();
      return;
    }
    Duration timeout = settings.timeout;
    if (timeout != null) {
      after(timeout, () -> fail(Reason.TIMEOUT, null));
    }
    Duration idle = settings.idleTimeout;
    if (idle != null) {
      after(idle, () -> checkIdle(idle));
    }
    started(attached);
  }

  private void checkIdle(Duration idle) {
    Child current = child();
    long quiet = System.nanoTime() - current.lastOutputNanos();
    boolean readerIsSlow =
        current.outputs().stream().anyMatch(o -> !o.isEnded() && o.channel().lacksDemand());
    if (readerIsSlow) {
      current.outputSeen(); // its silence may be ours: it counts from when we listen again
      after(idle, () -> checkIdle(idle));
    } else if (quiet >= idle.toNanos()) {
      fail(Reason.IDLE_TIMEOUT, null);
    } else {
      after(idle.minusNanos(quiet), () -> checkIdle(idle));
    }
  }

  /** There is no child, and nothing of it is left. */
  final void notStarted(Throwable error) {
    stopTimers();
    if (!cancelled) {
      cancelled = true;
      failedToStart(error);
    }
  }

  /** Ends the child for a reason of ours; the first reason counts. */
  final void fail(Reason why, @Nullable Throwable cause) {
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
    reasonCause = cause;
    Child current = child();
    current.terminate(settings.termination);
    for (OutputPort output : current.outputs()) {
      if (output.pipe.use() == Wiring.Use.STREAM) {
        output.cancel(); // what a subscriber has not asked for must not delay the error
      }
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
    Child current = child;
    if (current != null) {
      current.cancel();
    }
    letGo();
  }

  final void reaped() {
    stopTimers();
  }

  /** All is over: the error that counts, or null for success. */
  final @Nullable Throwable verdict(ExitPolicy policy, @Nullable ProcessResult partial) {
    Throwable verdict = firstOf(policy, partial);
    if (verdict != null) {
      later.forEach(verdict::addSuppressed);
    }
    return verdict;
  }

  private @Nullable Throwable firstOf(ExitPolicy policy, @Nullable ProcessResult partial) {
    ExitStatus status = status();
    Reason why = reason;
    if (why != null) {
      return exception(why, partial, reasonCause);
    }
    boolean accepted;
    try {
      accepted = policy.accepts(status);
    } catch (RuntimeException thrown) {
      return thrown; // the user's predicate
    }
    if (!accepted) {
      return exception(status.isLost() ? Reason.STATUS_LOST : Reason.STATUS, partial, null);
    }
    for (OutputPort output : child().outputs()) {
      Throwable failure = output.failure();
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  private ProcessExitException exception(
      Reason why, @Nullable ProcessResult partial, @Nullable Throwable cause) {
    StderrCollector kept = stderr;
    StderrExcerpt excerpt =
        kept != null
            ? kept.excerpt()
            : partial != null ? StderrCollector.of(partial.stderr()) : StderrExcerpt.NONE;
    return new ProcessExitException(
        why, command.toString(), child().pid(), status(), excerpt, partial, cause);
  }

  /** Keeps head and tail of this output for the error. */
  final void keepExcerpt(OutputPort output) {
    StderrCollector collector = new StderrCollector();
    stderr = collector;
    output.keepExcerpt(collector);
  }

  /** Summaries of the outputs, which have all ended. */
  final List<OutputSummary> summaries() {
    return child().outputs().stream().map(OutputPort::summary).toList();
  }

  final ExitStatus status() {
    return Objects.requireNonNull(child().status());
  }

  final Child child() {
    return Objects.requireNonNull(child);
  }

  final @Nullable Child childOrNull() {
    return child;
  }

  final boolean isCancelled() {
    return cancelled;
  }

  final Command command() {
    return command;
  }

  final Settings settings() {
    return settings;
  }

  final ProcessRuntime runtime() {
    return runtime;
  }

  final IoEventLoop loop() {
    return loop;
  }

  final List<Port> ports() {
    return ports;
  }

  /** The lent end behind a port that is {@link Wiring.Lent}. */
  final LentDescriptor lent(int descriptor) {
    return Objects.requireNonNull(lent.get(descriptor));
  }

  /**
   * Who gets the bytes of an output; asked once for each before {@link #started}, and free to give
   * demand by then.
   */
  abstract ByteReceiver receiver(Child owner, OutputPort output);

  /** The start failed, and this is the error for the subscriber. */
  abstract void failedToStart(Throwable error);

  /** The child runs. */
  abstract void started(Child running);

  /** The run was cancelled: whatever waits for the subscriber will not be asked for. */
  void letGo() {}

  /** An output has ended. */
  void outputEnded(OutputPort output) {}

  /** The child is reaped, or an output is drained or has ended: look whether that matters. */
  void progressed() {}

  /** The child is reaped and every output has ended; called also after a cancel. */
  abstract void finished();

  /** Reads all and keeps nothing; an excerpt may be kept on the way. */
  static final class Drain implements ByteReceiver {
    @Override
    public void onBytes(ByteBuf chunk) {
      chunk.release();
    }

    @Override
    public void onEnd(StreamEnd how, @Nullable Throwable error) {}
  }
}
