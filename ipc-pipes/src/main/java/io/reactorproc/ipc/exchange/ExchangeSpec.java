/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.frame.Framing;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * How an exchange is to be: its framing, its messages, its limits, and who answers the peer.
 * Immutable; one may serve any number of connections.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public final class ExchangeSpec<Q, A> {
  final Framing framing;
  final MessageCodec<Q, A> codec;
  final Options options;
  final Function<? super Q, ? extends Publisher<? extends A>> handler;
  final Consumer<? super Q> listener;

  /** The settings that have nothing to do with types. */
  record Options(
      Duration timeout,
      int maxInFlight,
      int maxWaiting,
      int concurrency,
      int maxPeerWaiting,
      Malformed malformed,
      Scheduler timer) {}

  private ExchangeSpec(
      Framing framing,
      MessageCodec<Q, A> codec,
      Options options,
      Function<? super Q, ? extends Publisher<? extends A>> handler,
      Consumer<? super Q> listener) {
    this.framing = framing;
    this.codec = codec;
    this.options = options;
    this.handler = handler;
    this.listener = listener;
  }

  /** Messages of this codec in frames of this framing, all else as the methods here say. */
  public static <Q, A> ExchangeSpec<Q, A> of(Framing framing, MessageCodec<Q, A> codec) {
    return new ExchangeSpec<>(
        Objects.requireNonNull(framing, "framing"),
        Objects.requireNonNull(codec, "codec"),
        new Options(
            Duration.ofSeconds(60), 256, 4096, 16, 256, Malformed.FAIL, Schedulers.parallel()),
        request -> Mono.error(new NoHandlerException()),
        notification -> {});
  }

  private ExchangeSpec<Q, A> with(Options changed) {
    return new ExchangeSpec<>(framing, codec, changed, handler, listener);
  }

  /**
   * How long a request waits for its answer, from its subscription on; 60 seconds unless told.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public ExchangeSpec<Q, A> timeout(Duration timeout) {
    Options o = options;
    return with(
        new Options(
            checked(timeout),
            o.maxInFlight,
            o.maxWaiting,
            o.concurrency,
            o.maxPeerWaiting,
            o.malformed,
            o.timer));
  }

  /**
   * How many requests of ours may be under way at once, 256 unless told, and how many more may wait
   * for that, in order, 4096 unless told; others fail with {@link ExchangeOverloadException}.
   *
   * @throws IllegalArgumentException if {@code inFlight} is not positive or {@code waiting} is
   *     negative
   */
  public ExchangeSpec<Q, A> maxInFlight(int inFlight, int waiting) {
    Options o = options;
    return with(
        new Options(
            o.timeout,
            atLeast(1, inFlight, "inFlight"),
            atLeast(0, waiting, "waiting"),
            o.concurrency,
            o.maxPeerWaiting,
            o.malformed,
            o.timer));
  }

  /**
   * Who answers the peer's requests, else answered with {@link NoHandlerException}. A publisher of
   * one value; its error, or what the function throws, is the answer, too, and so is its being
   * empty. It is called on the thread that reads and must not block; where the peer calls the
   * request off, or the exchange ends, the publisher is cancelled.
   */
  public ExchangeSpec<Q, A> onRequest(
      Function<? super Q, ? extends Publisher<? extends A>> answering) {
    return new ExchangeSpec<>(
        framing, codec, options, Objects.requireNonNull(answering, "answering"), listener);
  }

  /**
   * How many requests of the peer are handled at once, 16 unless told, and how many more may wait
   * for that, 256 unless told. While that many wait, the peer is read no further. Only while we
   * wait for answers of its own is it read on, as a handler may be what waits for them; then those
   * that are too many are refused with {@link ExchangeOverloadException}.
   *
   * @throws IllegalArgumentException if {@code atOnce} is not positive or {@code waiting} is
   *     negative
   */
  public ExchangeSpec<Q, A> concurrency(int atOnce, int waiting) {
    Options o = options;
    return with(
        new Options(
            o.timeout,
            o.maxInFlight,
            o.maxWaiting,
            atLeast(1, atOnce, "atOnce"),
            atLeast(0, waiting, "waiting"),
            o.malformed,
            o.timer));
  }

  /**
   * Who gets each notification of the peer, before {@link Exchange#notifications()}. It is called
   * on the thread that reads, in order with all else that the peer sends, and must not block; what
   * it throws ends the exchange.
   */
  public ExchangeSpec<Q, A> onNotification(Consumer<? super Q> listening) {
    return new ExchangeSpec<>(
        framing, codec, options, handler, Objects.requireNonNull(listening, "listening"));
  }

  /** What is done about frames that are no messages; {@link Malformed#FAIL} unless told. */
  public ExchangeSpec<Q, A> onMalformed(Malformed action) {
    Options o = options;
    return with(
        new Options(
            o.timeout,
            o.maxInFlight,
            o.maxWaiting,
            o.concurrency,
            o.maxPeerWaiting,
            Objects.requireNonNull(action, "action"),
            o.timer));
  }

  /** What counts the time of timeouts; {@link Schedulers#parallel()} unless told. */
  public ExchangeSpec<Q, A> timer(Scheduler scheduler) {
    Options o = options;
    return with(
        new Options(
            o.timeout,
            o.maxInFlight,
            o.maxWaiting,
            o.concurrency,
            o.maxPeerWaiting,
            o.malformed,
            Objects.requireNonNull(scheduler, "scheduler")));
  }

  /**
   * Begins an exchange: subscribes to what the peer says, at once.
   *
   * @param in bytes of the peer, such as a child's stdout; read until the exchange ends
   * @param out where the peer reads, such as a child's stdin; closed when the exchange ends
   */
  public Exchange<Q, A> connect(Publisher<? extends ByteBuf> in, ByteSink out) {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(out, "out");
    Exchange<Q, A> exchange = new Exchange<>(this, out);
    exchange.begin(framing.decode(in));
    return exchange;
  }

  static Duration checked(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("a timeout must be positive, it was " + timeout);
    }
    return timeout;
  }

  private static int atLeast(int least, int value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", it was " + value);
    }
    return value;
  }
}
