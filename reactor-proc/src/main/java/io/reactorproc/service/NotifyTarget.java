/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SocketMessage;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * The manager that an environment tells of: where its messages go, and how often it wants a sign of
 * life. Sends on the bounded elastic scheduler, as the socket's name may be a path.
 */
final class NotifyTarget {
  private static final String SOCKET = "NOTIFY_SOCKET";
  private static final String WATCHDOG_USEC = "WATCHDOG_USEC";
  private static final String WATCHDOG_PID = "WATCHDOG_PID";
  private static final int MOST_PATH = Sockets.MOST_NAME - 1;

  /** A manager whose queue is full reads it soon: waits of 1 ms to 1 s, some 4 s in all. */
  private static final Retry WHILE_FULL =
      Retry.backoff(12, Duration.ofMillis(1))
          .maxBackoff(Duration.ofSeconds(1))
          .filter(error -> error instanceof SystemCallException call && call.is(Errno.EAGAIN))
          .onRetryExhaustedThrow((spec, signal) -> signal.failure());

  private final Sockets sockets;
  private final Map<String, String> environment;
  private final long pid;

  NotifyTarget(Sockets sockets, Map<String, String> environment, long pid) {
    this.sockets = sockets;
    this.environment = environment;
    this.pid = pid;
  }

  /** That of this JVM. */
  static NotifyTarget ofJvm() {
    return new NotifyTarget(Sockets.system(), System.getenv(), ProcessHandle.current().pid());
  }

  /** The name to send to; null where nobody wants to know. */
  private byte @Nullable [] address() {
    String value = environment.get(SOCKET);
    if (value == null || value.isEmpty()) {
      return null;
    }
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    boolean isAbstract = value.startsWith("@");
    if (!isAbstract && !value.startsWith("/")) {
      throw new MalformedEnvironmentException(
          SOCKET, value, "neither an absolute path nor, with a leading @, an abstract name");
    }
    if (bytes.length < 2 || bytes.length > (isAbstract ? Sockets.MOST_NAME : MOST_PATH)) {
      throw new MalformedEnvironmentException(SOCKET, value, "too short or too long for a socket");
    }
    if (isAbstract) {
      bytes[0] = 0;
    }
    return bytes;
  }

  /** Sends assignments in one message; false where nobody wants to know. */
  Mono<Boolean> send(String... assignments) {
    String text = checked(assignments);
    return Mono.fromCallable(() -> sendNow(text, null))
        .retryWhen(WHILE_FULL)
        .subscribeOn(Schedulers.boundedElastic());
  }

  private static String checked(String... assignments) {
    StringBuilder text = new StringBuilder();
    for (String assignment : assignments) {
      if (assignment.indexOf('=') <= 0
          || assignment.indexOf('\n') >= 0
          || assignment.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "not an assignment on one line, NAME=value: " + assignment);
      }
      text.append(text.isEmpty() ? "" : "\n").append(assignment);
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("nothing to send");
    }
    return text.toString();
  }

  private boolean sendNow(String text, @Nullable Descriptor attached) throws SystemCallException {
    byte[] to = address();
    if (to == null) {
      return false;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String purpose = "notify the manager";
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length);
    try (Descriptor socket = Descriptor.own(sockets.open(SocketType.DATAGRAM, purpose))) {
      buffer.writeBytes(bytes);
      SocketMessage message = SocketMessage.ofThread().clear().to(to);
      if (attached != null) {
        message.withDescriptors(attached.number());
      }
      long address = SocketMessage.addressOf(buffer, 0);
      int sent = sockets.send(socket.number(), address, bytes.length, message);
      if (sent < 0) {
        throw new SystemCallException("sendmsg", -sent, purpose);
      }
      return true;
    } finally {
      buffer.release();
    }
  }

  /**
   * Completes when the manager has handled all that was sent before: it closes the writing end of a
   * pipe then, of which it has the only copy.
   */
  Mono<Boolean> barrier() {
    return Mono.fromCallable(this::sendBarrier)
        .retryWhen(WHILE_FULL)
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(
            readEnd ->
                readEnd.isEmpty()
                    ? Mono.just(false)
                    : DescriptorStreams.read(readEnd.get())
                        .doOnNext(ByteBuf::release)
                        .then(Mono.just(true)))
        .doOnDiscard(Optional.class, NotifyTarget::discard);
  }

  private Optional<Descriptor> sendBarrier() throws SystemCallException {
    if (address() == null) {
      return Optional.empty();
    }
    try (Pipe pipe = Pipe.open()) {
      sendNow("BARRIER=1", pipe.writeEnd());
      return Optional.of(Descriptor.own(pipe.readEnd().release()));
    }
  }

  private static void discard(Optional<?> readEnd) {
    readEnd.ifPresent(end -> ((Descriptor) end).close());
  }

  /** How often a sign of life is wanted at least; empty where none is. */
  Optional<Duration> watchdog() {
    String micros = environment.get(WATCHDOG_USEC);
    if (micros == null) {
      return Optional.empty();
    }
    Duration interval;
    try {
      interval = Micros.parse(micros);
    } catch (NumberFormatException e) {
      throw new MalformedEnvironmentException(WATCHDOG_USEC, micros, "not a number");
    }
    if (interval.isZero()) {
      throw new MalformedEnvironmentException(WATCHDOG_USEC, micros, "not a time");
    }
    String of = environment.get(WATCHDOG_PID);
    if (of != null && pid(of) != pid) {
      return Optional.empty(); // meant for the process that we inherited the environment from
    }
    return Optional.of(interval);
  }

  private static long pid(String text) {
    try {
      long number = Long.parseLong(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // as one below 1
    }
    throw new MalformedEnvironmentException(WATCHDOG_PID, text, "not a pid");
  }

  /** Signs of life, twice as often as wanted, until cancelled. */
  Flux<Boolean> keepAlive() {
    return Flux.defer(
        () ->
            watchdog()
                .map(
                    limit ->
                        Flux.interval(
                                Duration.ZERO,
                                Duration.ofNanos(Math.max(1, Micros.nanos(limit) / 2)))
                            .onBackpressureDrop()
                            .concatMap(tick -> send("WATCHDOG=1"), 1))
                .orElse(Flux.empty()));
  }
}
