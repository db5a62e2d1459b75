/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.ipc.sys.SystemCallException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What this JVM tells its own manager, by sd_notify(3), when it is a service itself.
 *
 * <p>Each message is sent when subscribed to, and again by each further subscription, on Reactor's
 * bounded elastic scheduler. It answers whether it was sent: without {@code NOTIFY_SOCKET} in the
 * environment nothing is done, and the answer is false. A manager whose queue is full is tried
 * again for some seconds. Errors are {@link SystemCallException}s of sendmsg(2), such as {@code
 * ECONNREFUSED} where the manager is gone, and {@link MalformedEnvironmentException}. A cancel
 * before it is sent gives it up.
 */
public final class Notify {
  private Notify() {}

  /** {@code READY=1}: start-up, or a reload, is finished. */
  public static Mono<Boolean> ready() {
    return send("READY=1");
  }

  /** {@code READY=1} with a line for people to read. */
  public static Mono<Boolean> ready(String status) {
    return send("READY=1", statusLine(status));
  }

  /** {@code STATUS=}: a line for people to read; what is more than a line is put into one. */
  public static Mono<Boolean> status(String status) {
    return send(statusLine(status));
  }

  private static String statusLine(String text) {
    return "STATUS=" + text.replace('\n', ' ').replace('\0', ' ');
  }

  /** {@code STOPPING=1}: begins to shut down. */
  public static Mono<Boolean> stopping() {
    return send("STOPPING=1");
  }

  /** {@code RELOADING=1}, with the time that goes with it; {@link #ready()} ends it. */
  public static Mono<Boolean> reloading() {
    return Mono.defer(
        () -> {
          // HotSpot's nanoTime is CLOCK_MONOTONIC.
          long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
          return send("RELOADING=1", "MONOTONIC_USEC=" + micros);
        });
  }

  /** {@code MAINPID=}: the service is that process from now on. */
  public static Mono<Boolean> mainPid(int pid) {
    return send("MAINPID=" + pid);
  }

  /** {@code ERRNO=}: why it failed, as a number of errno(3). */
  public static Mono<Boolean> errno(int errno) {
    return send("ERRNO=" + errno);
  }

  /** {@code EXTEND_TIMEOUT_USEC=}: starting or stopping will take that much longer. */
  public static Mono<Boolean> extendTimeout(Duration more) {
    return send("EXTEND_TIMEOUT_USEC=" + Micros.format(more));
  }

  /** {@code WATCHDOG=1}: is alive. */
  public static Mono<Boolean> watchdog() {
    return send("WATCHDOG=1");
  }

  /**
   * How often the manager wants a sign of life at least, by {@code WATCHDOG_USEC} and {@code
   * WATCHDOG_PID}; empty where it wants none of this process.
   *
   * @throws MalformedEnvironmentException if they cannot be read
   */
  public static Optional<Duration> watchdogInterval() {
    return NotifyTarget.ofJvm().watchdog();
  }

  /**
   * Sends signs of life twice as often as {@link #watchdogInterval()}, until it is cancelled;
   * completes at once where none are wanted. What proves the life is for the caller to say: {@code
   * Notify.keepAlive().takeUntilOther(stuck)}.
   */
  public static Flux<Boolean> keepAlive() {
    return Flux.defer(() -> NotifyTarget.ofJvm().keepAlive());
  }

  /**
   * Waits until the manager has handled all that was sent before ({@code BARRIER=1}), as it is wise
   * to do before this process ends. Managers that do not know it may never answer: add a {@code
   * timeout}.
   */
  public static Mono<Boolean> barrier() {
    return Mono.defer(() -> NotifyTarget.ofJvm().barrier());
  }

  /**
   * Any assignments, {@code NAME=value}, in one message.
   *
   * @throws IllegalArgumentException if one of them is no assignment or not on one line
   */
  public static Mono<Boolean> send(String... assignments) {
    return NotifyTarget.ofJvm().send(assignments);
  }
}
