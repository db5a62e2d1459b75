/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.reactorproc.ExitStatus;
import io.reactorproc.ProcessExitException;
import io.reactorproc.RunningProcess;
import io.reactorproc.Termination;
import io.reactorproc.service.NotifySocket.Access;
import io.reactorproc.service.ServiceException.Reason;
import io.reactorproc.service.ServiceState.Phase;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What a service says, made into its state, and what follows from what it does not say. On the loop
 * of its socket, except for what is given out.
 *
 * <p>Before a time limit counts, the socket is read once more: a message that came in time but was
 * not looked at, as the loop was busy or the JVM stood still, is in time.
 */
final class ServiceMonitor implements NotifySocket.Receiver {
  private static final int MESSAGES_KEPT = 64;
  private static final int MOST_WAITING = 256;
  private static final long WHILE_LOOKING_UP = TimeUnit.MILLISECONDS.toNanos(5);

  private final Service service;
  private final RunningProcess process;
  private final NotifySocket socket;
  private final IoEventLoop loop;
  private final SenderCheck senders;
  private final long startNanos;

  private final Sinks.One<Ready> ready = Sinks.one();
  private final Sinks.One<ExitStatus> exit = Sinks.one();
  private final Sinks.Many<ServiceState> states = Sinks.many().replay().latest();
  private final Sinks.Many<Notification> messages = Sinks.many().replay().limit(MESSAGES_KEPT);

  // Any thread reads.
  private final LongAdder accepted = new LongAdder();
  private final LongAdder foreign = new LongAdder();
  private final LongAdder malformed = new LongAdder();
  private final LongAdder oversize = new LongAdder();
  private final LongAdder descriptors = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private volatile ServiceState state = ServiceState.starting();

  private long readyDeadline;
  private @Nullable ScheduledFuture<?> readyTimer;
  private long watchdogNanos;
  private long lastSign;
  private @Nullable ScheduledFuture<?> watchdogTimer;
  private boolean wasReady;
  private boolean over;
  private @Nullable ServiceException failure;

  ServiceMonitor(
      Service service,
      RunningProcess process,
      NotifySocket socket,
      SenderCheck senders,
      long startNanos) {
    this.service = service;
    this.process = process;
    this.socket = socket;
    this.loop = socket.loop();
    this.senders = senders;
    this.startNanos = startNanos;
    this.watchdogNanos = service.watchdog().map(Micros::nanos).orElse(0L);
    states.tryEmitNext(state);
  }

  /** Begins to read, and to wait for the child's end. Any thread. */
  void begin() {
    onLoop(
        () -> {
          service
              .readyTimeout()
              .ifPresent(
                  limit -> {
                    readyDeadline = startNanos + Micros.nanos(limit);
                    readyTimer = after(readyDeadline - System.nanoTime(), this::readyIsDue);
                  });
          socket.read(this);
          process
              .exit()
              .subscribe(
                  status -> onLoop(() -> socket.finish(() -> ended(status, null))),
                  error -> onLoop(() -> socket.finish(() -> ended(statusOf(error), error))));
        });
  }

  /** A loop that was shut down has told the socket, and with it this. */
  private void onLoop(Runnable action) {
    try {
      loop.execute(action);
    } catch (RejectedExecutionException shutDown) {
      // nobody is left to be told on that loop
    }
  }

  private ScheduledFuture<?> after(long nanos, Runnable action) {
    return loop.schedule(action, Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  /** Null where an output of the child could not be read, which is what its exit tells then. */
  private static @Nullable ExitStatus statusOf(Throwable error) {
    return error instanceof ProcessExitException exit ? exit.status() : null;
  }

  @Override
  public Access access(NotifySender sender) {
    return senders.check(sender);
  }

  @Override
  public boolean look(NotifySender sender) {
    return senders.isDescendant(sender);
  }

  @Override
  public void onIgnored(boolean tooLong, int closed) {
    (tooLong ? oversize : foreign).increment();
    descriptors.add(closed);
  }

  @Override
  public void onMessage(byte[] bytes, NotifySender sender, int attached) {
    accepted.increment();
    descriptors.add(attached);
    NotificationParser parser = new NotificationParser(bytes);
    Notification message = new Notification(sender, parser.parse(), attached);
    malformed.add(parser.malformed());
    if (message.values().isEmpty()) {
      return;
    }
    message.mainPid().ifPresent(senders::trust);
    heed(message);
    enter(state.after(message));
    messages.tryEmitNext(message);
    if (message.isReady() && !wasReady) {
      becomeReady(message);
    }
    if (message.isWatchdogTrigger()) {
      giveUp(Reason.WATCHDOG, "it asked for its watchdog to bite", service.watchdogTermination());
    }
  }

  private void heed(Notification message) {
    long now = System.nanoTime();
    if (message.isKeepAlive()) {
      lastSign = now;
    }
    message
        .watchdogTimeout()
        .ifPresent(
            limit -> {
              watchdogNanos = Micros.nanos(limit);
              lastSign = now;
              if (wasReady) {
                watch();
              }
            });
    message
        .extendTimeout()
        .ifPresent(
            more -> {
              long until = now + Micros.nanos(more);
              if (until - readyDeadline > 0) {
                readyDeadline = until; // the timer looks at it when it is due
              }
            });
  }

  private void becomeReady(Notification message) {
    wasReady = true;
    stop(readyTimer);
    Duration after = Duration.ofNanos(System.nanoTime() - startNanos);
    ready.tryEmitValue(new Ready(message, after));
    lastSign = System.nanoTime();
    watch();
  }

  private void readyIsDue() {
    if (wasReady || over) {
      return;
    }
    socket.catchUp();
    long left = readyDeadline - System.nanoTime();
    if (wasReady || over) {
      return;
    }
    if (left > 0 || socket.isLookingUp()) {
      readyTimer = after(Math.max(left, WHILE_LOOKING_UP), this::readyIsDue);
      return;
    }
    giveUp(Reason.READY_TIMEOUT, "it was not ready in time", null);
  }

  /** Starts the watchdog, or starts it anew with another time. */
  private void watch() {
    stop(watchdogTimer);
    if (watchdogNanos > 0 && state.phase() != Phase.STOPPING && !over) {
      watchdogTimer = after(watchdogNanos, this::signIsDue);
    }
  }

  private void signIsDue() {
    if (over) {
      return;
    }
    socket.catchUp();
    if (over || watchdogNanos <= 0 || state.phase() == Phase.STOPPING) {
      return;
    }
    long left = lastSign + watchdogNanos - System.nanoTime();
    if (left > 0 || socket.isLookingUp()) {
      stop(watchdogTimer);
      watchdogTimer = after(Math.max(left, WHILE_LOOKING_UP), this::signIsDue);
      return;
    }
    giveUp(
        Reason.WATCHDOG,
        "no sign of life for " + Duration.ofNanos(watchdogNanos),
        service.watchdogTermination());
  }

  private void giveUp(Reason reason, String why, @Nullable Termination how) {
    if (failure != null || over) {
      return;
    }
    ServiceException given = exception(reason, why, null, null);
    failure = given;
    enter(state.stopping());
    if (how == null) {
      process.terminate();
    } else {
      process.terminate(how);
    }
    ready.tryEmitError(given);
  }

  /** It is asked to end by its user. */
  void terminated() {
    onLoop(() -> enter(state.stopping()));
  }

  private void enter(ServiceState next) {
    if (next.equals(state) || over) {
      return;
    }
    state = next;
    states.tryEmitNext(next);
    if (next.phase() == Phase.STOPPING) {
      stop(watchdogTimer);
    }
  }

  @Override
  public void onFailure(Throwable cause) {
    stop(readyTimer);
    stop(watchdogTimer);
    ready.tryEmitError(exception(Reason.SOCKET, "its notify socket cannot be read", null, cause));
  }

  private void ended(@Nullable ExitStatus status, @Nullable Throwable error) {
    stop(readyTimer);
    stop(watchdogTimer);
    enter(state.exited(status));
    over = true;
    states.tryEmitComplete();
    messages.tryEmitComplete();
    // A sink that has its value refuses this, which is all that is meant.
    ready.tryEmitError(
        exception(
            Reason.NOT_READY,
            "it ended before it was ready" + (status == null ? "" : ": " + status),
            status,
            error));
    ServiceException ours = failure;
    if (ours != null) {
      exit.tryEmitError(exception(ours.reason(), ours.detail(), status, error));
    } else if (error != null) {
      exit.tryEmitError(error);
    } else {
      exit.tryEmitValue(Objects.requireNonNull(status));
    }
  }

  private ServiceException exception(
      Reason reason, String detail, @Nullable ExitStatus status, @Nullable Throwable cause) {
    return new ServiceException(reason, process.command().toString(), detail, status, cause);
  }

  private static void stop(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  Mono<Ready> ready() {
    return ready.asMono();
  }

  Mono<ExitStatus> exit() {
    return exit.asMono();
  }

  ServiceState state() {
    return state;
  }

  Flux<ServiceState> states() {
    return states.asFlux().onBackpressureLatest();
  }

  Flux<Notification> messages() {
    return messages
        .asFlux()
        .onBackpressureBuffer(
            MOST_WAITING, message -> dropped.increment(), BufferOverflowStrategy.DROP_OLDEST);
  }

  NotifyCounters counters() {
    return new NotifyCounters(
        accepted.sum(),
        foreign.sum(),
        malformed.sum(),
        oversize.sum(),
        descriptors.sum(),
        dropped.sum());
  }
}
