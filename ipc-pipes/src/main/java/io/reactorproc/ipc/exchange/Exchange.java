/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.exchange.ExchangeSpec.Options;
import io.reactorproc.ipc.flow.WriteOutcome;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Requests and answers over one channel: any number under way at once, answered in any order, from
 * either side. Made by {@link ExchangeSpec#connect}. May be used from any thread; what it delivers
 * is delivered on the thread that reads, which must not be blocked.
 *
 * <p>It ends when the peer says no more, when what it says cannot be understood, or by {@link
 * #dispose()}. Then each request without an answer fails with {@link ExchangeClosedException}, and
 * so does any later one; {@link #closed()} tells. At a regular end of what the peer says, its
 * requests that are being handled are still answered. Then {@code out} is closed, too.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public final class Exchange<Q, A> implements Disposable {
  /** How many notifications wait for one subscriber. */
  private static final int MOST_UNSEEN = 1024;

  /**
   * {@code OPEN} until the peer says no more, {@code ENDING} while its requests are still being
   * answered, {@code CLOSED} for good. Only ever goes on, by any thread.
   */
  private enum Phase {
    OPEN,
    ENDING,
    CLOSED
  }

  private final ExchangeSpec<Q, A> spec;
  private final ByteSink out;
  private final Permits permits;
  private final Serving<Q, A> serving;
  private final Reading<Q, A> reading;
  private final Counter.Board board = new Counter.Board();
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);
  private final AtomicLong lastId = new AtomicLong();

  /** Every request of ours that is not over. */
  private final Set<Asking<Q, A>> asking = ConcurrentHashMap.newKeySet();

  /** Those that have an id, by it. */
  private final Map<Object, Asking<Q, A>> awaited = new ConcurrentHashMap<>();

  private final Sinks.Many<Q> notifications = Sinks.many().multicast().directBestEffort();
  private final Sinks.One<Void> closed = Sinks.one();

  /** Why there are no more answers; written before the phase. */
  private volatile @Nullable Throwable cause;

  Exchange(ExchangeSpec<Q, A> spec, ByteSink out) {
    this.spec = spec;
    this.out = out;
    Options options = spec.options;
    permits = new Permits(options.maxInFlight(), options.maxWaiting());
    serving = new Serving<>(this, spec);
    reading = new Reading<>(this, spec.codec, options.malformed(), serving);
  }

  void begin(Flux<ByteBuf> frames) {
    frames.subscribe(reading);
  }

  /** As {@link #request(Object, Duration)} with the timeout of the {@link ExchangeSpec}. */
  public Mono<A> request(Q body) {
    return request(body, spec.options.timeout());
  }

  /**
   * Asks the peer.
   *
   * <ul>
   *   <li><b>Start:</b> with the subscription, each of which is a request of its own; it waits for
   *       its turn where as many as are allowed are under way.
   *   <li><b>Answer:</b> the value, or the error that the peer answered with.
   *   <li><b>Cancel</b> before it was sent keeps it from being sent; afterwards the peer is told,
   *       where its protocol knows how. An answer that comes all the same is dropped and counted.
   *   <li><b>Errors:</b> {@link RequestTimeoutException}, with the same as at a cancel; {@link
   *       ExchangeClosedException}; {@link ExchangeOverloadException}; what the codec throws when
   *       it cannot write the request, which is then not sent; {@link
   *       io.reactorproc.ipc.frame.FrameTooLongException} likewise.
   *   <li><b>Thread:</b> answers come on the thread that reads, timeouts on the timer's.
   * </ul>
   *
   * @throws IllegalArgumentException if the timeout is not positive
   */
  public Mono<A> request(Q body, Duration timeout) {
    Objects.requireNonNull(body, "body");
    Duration within = ExchangeSpec.checked(timeout);
    return Mono.create(result -> new Asking<>(this, body, within, result).start());
  }

  /**
   * Tells the peer something that it does not answer. Sent when subscribed, in the order of
   * subscriptions and of requests that need not wait; completes when the channel has taken it.
   *
   * @return empty; {@link ExchangeClosedException} where the peer reads no more
   */
  public Mono<Void> tell(Q body) {
    Objects.requireNonNull(body, "body");
    return Mono.defer(
            () -> {
              if (phase.get() == Phase.CLOSED) {
                return Mono.error(closedError());
              }
              OutgoingFrame made = frame(new Message.Notification<>(body));
              count(Counter.NOTIFIED);
              return made.writeTo(out);
            })
        .flatMap(
            outcome ->
                outcome.readerGone()
                    ? Mono.error(new ExchangeClosedException("the peer reads no more", null))
                    : Mono.empty());
  }

  /**
   * What the peer tells us from the subscription on, for any number of subscribers. Up to 1024 wait
   * for one that is slow; it then gets those and an error, as Reactor's {@code
   * Exceptions.isOverflow} tells, and the exchange goes on. Completes with the exchange.
   */
  public Flux<Q> notifications() {
    return notifications
        .asFlux()
        .takeUntilOther(closed().onErrorComplete())
        .onBackpressureBuffer(MOST_UNSEEN, dropped -> {}, BufferOverflowStrategy.ERROR);
  }

  /**
   * When it is over: empty after a regular end or {@link #dispose()}; else the error, such as
   * {@link MalformedMessageException}, a {@link io.reactorproc.ipc.frame.FramingException}, or what
   * the channel failed with. For any number of subscribers, at any time.
   */
  public Mono<Void> closed() {
    return closed.asMono();
  }

  /** What has happened so far. */
  public ExchangeStats stats() {
    return new ExchangeStats(
        lastId.get(),
        board.get(Counter.ANSWERED),
        board.get(Counter.FAILED),
        board.get(Counter.TIMED_OUT),
        board.get(Counter.CANCELLED),
        awaited.size(),
        permits.waiting(),
        board.get(Counter.LATE),
        board.get(Counter.UNKNOWN),
        board.get(Counter.MALFORMED),
        board.get(Counter.HANDLED),
        board.get(Counter.REFUSED),
        board.get(Counter.CALLED_OFF),
        board.get(Counter.NOTIFIED),
        board.get(Counter.NOTIFICATIONS));
  }

  /**
   * Ends it at once: cancels what is read and what is handled, and closes {@code out} behind what
   * it is writing. A peer that does not read that is for the owner of the channel to let go of.
   */
  @Override
  public void dispose() {
    close(null);
  }

  @Override
  public boolean isDisposed() {
    return phase.get() == Phase.CLOSED;
  }

  // What the parts of an exchange need of it.

  Options options() {
    return spec.options;
  }

  Permits permits() {
    return permits;
  }

  ByteSink out() {
    return out;
  }

  void count(Counter counter) {
    board.count(counter);
  }

  long nextId() {
    return lastId.incrementAndGet();
  }

  /** Whether there will be no more answers. */
  boolean isUnanswered() {
    return phase.get() != Phase.OPEN;
  }

  ExchangeClosedException closedError() {
    Throwable reason = cause;
    return new ExchangeClosedException(
        reason == null ? "the exchange is over" : "the exchange failed: " + reason.getMessage(),
        reason);
  }

  /** A message in its frame; what cannot be written throws. */
  OutgoingFrame frame(Message<Q, A> message) {
    return new OutgoingFrame(spec.framing.encode(spec.codec.encode(message)));
  }

  /** Sends an answer; the outcome is nobody's but the counter's. */
  Mono<WriteOutcome> send(Message<Q, A> message) {
    return Mono.defer(() -> frame(message).writeTo(out));
  }

  void remember(Asking<Q, A> request) {
    asking.add(request);
  }

  void forget(Asking<Q, A> request) {
    asking.remove(request);
  }

  void await(Long id, Asking<Q, A> request) {
    awaited.put(id, request);
    reading.goOn(); // it may have stopped while nothing was awaited
  }

  void forget(Long id, Asking<Q, A> request) {
    awaited.remove(id, request);
  }

  boolean awaitsNothing() {
    return awaited.isEmpty();
  }

  /** The request with this id; null, and counted, where there is none any more, or never was. */
  @Nullable Asking<Q, A> awaitedBy(@Nullable Object id) {
    Asking<Q, A> found = id == null ? null : awaited.get(id);
    if (found == null) {
      boolean ours = id instanceof Long number && number > 0 && number <= lastId.get();
      count(ours ? Counter.LATE : Counter.UNKNOWN);
    }
    return found;
  }

  void tellCancelled(Long id) {
    Q notification = spec.codec.cancellation(id);
    if (notification != null && phase.get() == Phase.OPEN) {
      // Where the peer reads no more there is nobody to tell.
      tell(notification).onErrorComplete().subscribe();
    }
  }

  void notified(Q notification) {
    count(Counter.NOTIFICATIONS);
    spec.listener.accept(notification);
    notifications.tryEmitNext(notification); // without a subscriber it is dropped
  }

  void goOn() {
    reading.goOn();
  }

  /** The peer says no more. */
  void inputEnded() {
    if (phase.compareAndSet(Phase.OPEN, Phase.ENDING)) {
      failAll("the peer ended without an answer", null);
      endIfServed();
    }
  }

  /** Where the peer says no more, all is over with the last answer. */
  void endIfServed() {
    if (phase.get() == Phase.ENDING && serving.isIdle()) {
      close(null);
    }
  }

  /** Ends it, for a reason or regularly. */
  void close(@Nullable Throwable reason) {
    if (phase.get() == Phase.CLOSED) {
      return;
    }
    if (phase.get() == Phase.OPEN) {
      cause = reason;
    }
    if (phase.getAndSet(Phase.CLOSED) == Phase.CLOSED) {
      return;
    }
    reading.stop();
    failAll(
        reason == null ? "the exchange was ended" : "the exchange failed: " + reason.getMessage(),
        reason);
    serving.stop();
    // A half-close, behind what is being written; a channel that is gone has nothing to close.
    out.close().onErrorComplete().subscribe();
    if (reason == null) {
      closed.tryEmitEmpty();
    } else {
      closed.tryEmitError(reason);
    }
  }

  private void failAll(String message, @Nullable Throwable reason) {
    for (Asking<Q, A> each : asking) {
      each.fail(new ExchangeClosedException(message, reason));
    }
  }
}
