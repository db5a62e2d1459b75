/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import io.reactorproc.ipc.flow.WriteOutcome;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.MonoSink;

/**
 * One request of ours, from its subscription to its end.
 *
 * <pre>
 * WAITING --permit--> IN_FLIGHT --answer, error, timeout, cancel, end of the peer--> OVER
 *    `--------------------timeout, cancel, end of the peer, overload-----------------^
 * </pre>
 *
 * Any thread. Who moves it to {@code OVER} settles it, and gives back what the state before held.
 */
final class Asking<Q, A> implements Permits.Waiter {
  private enum State {
    WAITING,
    IN_FLIGHT,
    OVER
  }

  private final Exchange<Q, A> exchange;
  private final Q body;
  private final Duration timeout;
  private final MonoSink<A> result;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final Disposable.Swap timer = Disposables.swap();
  private final Disposable.Swap writing = Disposables.swap();

  /** Written once, before the frame can be sent; null while there is none. */
  private volatile @Nullable Long id;

  private volatile @Nullable OutgoingFrame frame;

  Asking(Exchange<Q, A> exchange, Q body, Duration timeout, MonoSink<A> result) {
    this.exchange = exchange;
    this.body = body;
    this.timeout = timeout;
    this.result = result;
  }

  void start() {
    result.onCancel(this::cancelled);
    exchange.remember(this);
    if (exchange.isUnanswered()) {
      fail(exchange.closedError());
      return;
    }
    timer.update(
        exchange
            .options()
            .timer()
            .schedule(this::timedOut, timeout.toNanos(), TimeUnit.NANOSECONDS));
    if (!exchange.permits().acquire(this)) {
      fail(new ExchangeOverloadException(exchange.options().maxWaiting()));
    }
  }

  @Override
  public void granted() {
    if (!state.compareAndSet(State.WAITING, State.IN_FLIGHT)) {
      exchange.permits().release();
      return;
    }
    if (exchange.isUnanswered()) { // others failed just now, which is what made room
      fail(exchange.closedError());
      return;
    }
    try {
      long number = exchange.nextId();
      id = number;
      OutgoingFrame made = exchange.frame(new Message.Request<>(number, body));
      frame = made;
      exchange.await(number, this);
      if (state.get() == State.OVER) { // before the frame was there to be withdrawn
        made.withdraw();
        exchange.forget(number, this);
        return;
      }
      writing.update(made.writeTo(exchange.out()).subscribe(this::written, this::fail));
    } catch (RuntimeException unwritable) {
      fail(unwritable);
    }
  }

  private void written(WriteOutcome outcome) {
    if (outcome.readerGone()) {
      fail(new ExchangeClosedException("the peer reads no more", null));
    }
  }

  /** The answer; false if it comes too late. */
  boolean answer(A answer) {
    if (!end()) {
      return false;
    }
    exchange.count(Counter.ANSWERED);
    result.success(answer);
    return true;
  }

  /** The answer is an error; false if it comes too late. */
  boolean answerError(Throwable error) {
    if (!end()) {
      return false;
    }
    exchange.count(Counter.FAILED);
    result.error(error);
    return true;
  }

  /** There will be no answer. */
  void fail(Throwable reason) {
    if (end()) {
      OutgoingFrame made = frame;
      if (made != null) {
        made.withdraw();
      }
      writing.dispose();
      result.error(reason);
    }
  }

  private void timedOut() {
    if (end()) {
      exchange.count(Counter.TIMED_OUT);
      result.error(new RequestTimeoutException(timeout, callOff()));
    }
  }

  private void cancelled() {
    if (end()) {
      exchange.count(Counter.CANCELLED);
      callOff();
    }
  }

  /** Keeps the request from being sent or, where it was sent, tells the peer; true for that. */
  private boolean callOff() {
    OutgoingFrame made = frame;
    Long number = id;
    if (made == null || number == null) {
      return false;
    }
    boolean kept = made.withdraw();
    writing.dispose();
    if (!kept) {
      exchange.tellCancelled(number);
    }
    return !kept;
  }

  private boolean end() {
    State before = state.getAndSet(State.OVER);
    if (before == State.OVER) {
      return false;
    }
    timer.dispose();
    exchange.forget(this);
    Long number = id;
    if (number != null) {
      exchange.forget(number, this);
    }
    if (before == State.IN_FLIGHT) {
      exchange.permits().release();
    } else {
      exchange.permits().forget(this);
    }
    return true;
  }
}
