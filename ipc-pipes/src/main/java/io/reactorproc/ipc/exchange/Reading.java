/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * What the peer says, one frame after the other: each is asked for when the one before was given to
 * who it is for. While as many of the peer's requests wait as may, none is asked for, unless an
 * answer is awaited: it might be what the handlers wait for.
 */
final class Reading<Q, A> implements CoreSubscriber<ByteBuf> {
  private final Exchange<Q, A> exchange;
  private final MessageCodec<Q, A> codec;
  private final Malformed malformed;
  private final Serving<Q, A> serving;

  /** Null before it is there. */
  private final AtomicReference<@Nullable Subscription> upstream = new AtomicReference<>();

  /** No frame is asked for, on purpose. Who clears it asks. */
  private final AtomicBoolean paused = new AtomicBoolean();

  private volatile boolean stopped;

  Reading(
      Exchange<Q, A> exchange,
      MessageCodec<Q, A> codec,
      Malformed malformed,
      Serving<Q, A> serving) {
    this.exchange = exchange;
    this.codec = codec;
    this.malformed = malformed;
    this.serving = serving;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    upstream.set(subscription);
    if (stopped) {
      subscription.cancel();
    } else {
      subscription.request(1);
    }
  }

  /** Cancels what is read. Any thread. */
  void stop() {
    stopped = true;
    Subscription subscription = upstream.get();
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onNext(ByteBuf frame) {
    if (stopped) {
      frame.release();
      return;
    }
    try {
      take(read(frame));
    } catch (RuntimeException failure) {
      exchange.close(failure);
      return;
    }
    if (mayGoOn()) {
      request();
      return;
    }
    paused.set(true);
    goOn(); // what would have made it go on may have happened just before
  }

  /** Reads on, if it stopped and need not any more. Any thread. */
  void goOn() {
    if (paused.get() && mayGoOn() && paused.compareAndSet(true, false)) {
      request();
    }
  }

  private boolean mayGoOn() {
    return !serving.isFull() || !exchange.awaitsNothing();
  }

  private void request() {
    Subscription subscription = upstream.get();
    if (subscription != null) {
      subscription.request(1);
    }
  }

  private Message<Q, A> read(ByteBuf frame) {
    try {
      return codec.decode(frame);
    } catch (MalformedMessageException reason) {
      return new Message.Invalid<>(reason, null);
    } finally {
      frame.release();
    }
  }

  private void take(Message<Q, A> message) {
    if (message instanceof Message.Response<Q, A> response) {
      Asking<Q, A> request = exchange.awaitedBy(response.id());
      if (request != null && !request.answer(response.body())) {
        exchange.count(Counter.LATE);
      }
    } else if (message instanceof Message.ErrorResponse<Q, A> response) {
      Asking<Q, A> request = exchange.awaitedBy(response.id());
      if (request != null && !request.answerError(response.error())) {
        exchange.count(Counter.LATE);
      }
    } else if (message instanceof Message.Notification<Q, A> notification) {
      Object calledOff = codec.cancelled(notification.body());
      if (calledOff != null) {
        serving.callOff(calledOff);
      }
      exchange.notified(notification.body());
    } else if (message instanceof Message.Request<Q, A> request) {
      serving.take(request, new Replies.Single<>(exchange));
    } else if (message instanceof Message.Batch<Q, A> batch) {
      takeBatch(batch);
    } else if (message instanceof Message.Invalid<Q, A> invalid) {
      leaveOut(invalid, new Replies.Single<>(exchange));
    } else {
      throw new IllegalStateException(message.toString());
    }
  }

  private void takeBatch(Message.Batch<Q, A> batch) {
    int answers = 0;
    for (Message<Q, A> member : batch.members()) {
      boolean answered =
          member instanceof Message.Request
              || (member instanceof Message.Invalid<Q, A> invalid
                  && invalid.answer() != null
                  && malformed == Malformed.SKIP);
      answers += answered ? 1 : 0;
    }
    Replies<Q, A> replies = new Replies.Together<>(exchange, answers);
    for (Message<Q, A> member : batch.members()) {
      if (member instanceof Message.Request<Q, A> request) {
        serving.take(request, replies);
      } else if (member instanceof Message.Invalid<Q, A> invalid) {
        leaveOut(invalid, replies);
      } else if (member instanceof Message.Batch) {
        throw new IllegalStateException("a batch inside a batch");
      } else {
        take(member);
      }
    }
  }

  private void leaveOut(Message.Invalid<Q, A> invalid, Replies<Q, A> replies) {
    exchange.count(Counter.MALFORMED);
    if (malformed == Malformed.FAIL) {
      throw invalid.reason();
    }
    Message<Q, A> answer = invalid.answer();
    if (answer != null) {
      replies.reply(answer, () -> {});
    }
  }

  @Override
  public void onError(Throwable error) {
    exchange.close(error);
  }

  @Override
  public void onComplete() {
    exchange.inputEnded();
  }
}
