/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.Command;
import io.reactorproc.RunningProcess;
import io.reactorproc.Termination;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A command that tells how it is, by sd_notify(3): when it is ready, what it does, that it is
 * alive. An immutable value; each method answers a changed copy.
 */
public final class Service {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Command command;
  private final NotifyAccess access;
  private final @Nullable Duration readyTimeout;
  private final @Nullable Duration watchdog;
  private final @Nullable Termination watchdogTermination;
  private final @Nullable EventLoops loops;

  private Service(
      Command command,
      NotifyAccess access,
      @Nullable Duration readyTimeout,
      @Nullable Duration watchdog,
      @Nullable Termination watchdogTermination,
      @Nullable EventLoops loops) {
    this.command = command;
    this.access = access;
    this.readyTimeout = readyTimeout;
    this.watchdog = watchdog;
    this.watchdogTermination = watchdogTermination;
    this.loops = loops;
  }

  /**
   * A service that is this command. It finds its notify socket in {@code NOTIFY_SOCKET}, an
   * abstract one, which is reached from its own network namespace only.
   */
  public static Service of(Command command) {
    return new Service(
        Objects.requireNonNull(command, "command"),
        NotifyAccess.group(),
        PATIENCE,
        null,
        null,
        null);
  }

  /** From whom messages are taken; {@link NotifyAccess#group()} by default. */
  public Service access(NotifyAccess from) {
    return new Service(
        command,
        Objects.requireNonNull(from, "from"),
        readyTimeout,
        watchdog,
        watchdogTermination,
        loops);
  }

  /**
   * Ends a child that has not said {@code READY=1} by then, by its command's termination; 90
   * seconds by default. The child can ask for more time with {@code EXTEND_TIMEOUT_USEC=}.
   */
  public Service readyTimeout(Duration limit) {
    Duration checked = positive(limit, "a time to become ready");
    return new Service(command, access, checked, watchdog, watchdogTermination, loops);
  }

  /** Waits for readiness as long as the child lives. */
  public Service withoutReadyTimeout() {
    return new Service(command, access, null, watchdog, watchdogTermination, loops);
  }

  /**
   * Ends a child that does not say {@code WATCHDOG=1} within this time, again and again from its
   * {@code READY=1} to its {@code STOPPING=1}, by its command's termination. It finds the time in
   * {@code WATCHDOG_USEC}, and can change it. None by default.
   */
  public Service watchdog(Duration limit) {
    Duration checked = positive(limit, "the time of a watchdog");
    return new Service(command, access, readyTimeout, checked, watchdogTermination, loops);
  }

  /** As {@link #watchdog(Duration)}, ended in another way, such as with SIGABRT for a core dump. */
  public Service watchdog(Duration limit, Termination how) {
    Duration checked = positive(limit, "the time of a watchdog");
    return new Service(
        command, access, readyTimeout, checked, Objects.requireNonNull(how, "how"), loops);
  }

  /** Reads the notify socket on one of these loops instead of {@link EventLoops#shared()}. */
  public Service on(EventLoops eventLoops) {
    return new Service(
        command,
        access,
        readyTimeout,
        watchdog,
        watchdogTermination,
        Objects.requireNonNull(eventLoops, "eventLoops"));
  }

  private static Duration positive(Duration time, String what) {
    if (time.isNegative() || Micros.of(time) == 0) {
      throw new IllegalArgumentException(what + " is at least a microsecond: " + time);
    }
    return time;
  }

  /**
   * Starts it and answers a handle, once the child runs, ready or not. {@code
   * Mono.usingWhen(service.start(), use, running -> Mono.fromRunnable(running::dispose))} ends it
   * with its use, of which {@link RunningService#ready()} is the first part.
   *
   * <ul>
   *   <li><b>Start:</b> each subscription makes a notify socket, and starts a child of its own.
   *   <li><b>Errors:</b> those of {@link Command#start()}; a {@link SystemCallException} where
   *       there can be no socket.
   *   <li><b>Cancel:</b> before the handle is delivered, ends the child and closes the socket;
   *       afterwards both are the handle's business, as for a command.
   *   <li><b>Thread:</b> the child's event loop.
   * </ul>
   */
  public Mono<RunningService> start() {
    return start(Sockets.system());
  }

  /** As {@link #start()}, on sockets that a test chooses. */
  Mono<RunningService> start(Sockets sockets) {
    return Mono.defer(() -> starting(sockets));
  }

  private Mono<RunningService> starting(Sockets sockets) {
    EventLoops on = loops == null ? EventLoops.shared() : loops;
    NotifySocket socket;
    try {
      socket = NotifySocket.bind(sockets, Kernel.system(), on.next());
    } catch (SystemCallException e) {
      return Mono.error(e);
    }
    long startNanos = System.nanoTime();
    AtomicBoolean decided = new AtomicBoolean();
    Runnable giveUp =
        () -> {
          if (decided.compareAndSet(false, true)) {
            socket.abandon();
          }
        };
    return socket
        .watched()
        .then(told(socket.address()).start())
        .<RunningService>handle(
            (process, sink) -> {
              if (decided.compareAndSet(false, true)) {
                sink.next(running(process, socket, startNanos));
              } else {
                process.dispose(); // cancelled in the instant of its delivery
              }
            })
        .doOnError(error -> giveUp.run())
        .doOnCancel(giveUp)
        .doOnDiscard(RunningProcess.class, RunningProcess::dispose);
  }

  private Command told(String address) {
    // Of a manager of our own: they would tell the child of a watchdog that is not its own.
    Command told =
        command
            .env("NOTIFY_SOCKET", address)
            .withoutEnv("WATCHDOG_PID")
            .withoutEnv("WATCHDOG_USEC");
    return watchdog == null ? told : told.env("WATCHDOG_USEC", Micros.format(watchdog));
  }

  private RunningService running(RunningProcess process, NotifySocket socket, long startNanos) {
    SenderCheck senders = new SenderCheck(access, Kernel.system(), process.startedPid());
    ServiceMonitor monitor = new ServiceMonitor(this, process, socket, senders, startNanos);
    monitor.begin();
    return new RunningService(process, monitor);
  }

  Optional<Duration> readyTimeout() {
    return Optional.ofNullable(readyTimeout);
  }

  Optional<Duration> watchdog() {
    return Optional.ofNullable(watchdog);
  }

  @Nullable Termination watchdogTermination() {
    return watchdogTermination;
  }

  @Override
  public String toString() {
    return "service " + command;
  }
}
