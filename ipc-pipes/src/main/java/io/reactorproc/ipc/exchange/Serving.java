/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** The requests of the peer: so many at once, so many more in wait. */
final class Serving<Q, A> {
  private final Exchange<Q, A> exchange;
  private final MessageCodec<Q, A> codec;
  private final Function<? super Q, ? extends Publisher<? extends A>> handler;
  private final int maxWaiting;
  private final Permits permits;

  /** Every request that is waiting or being handled, until its answer is on its way. Any thread. */
  private final Set<Job> jobs = ConcurrentHashMap.newKeySet();

  /** The same by id, for who calls one off; the peer's fault where an id comes twice. */
  private final Map<Object, Job> byId = new ConcurrentHashMap<>();

  Serving(Exchange<Q, A> exchange, ExchangeSpec<Q, A> spec) {
    this.exchange = exchange;
    this.codec = spec.codec;
    this.handler = spec.handler;
    this.maxWaiting = spec.options.maxPeerWaiting();
    this.permits = new Permits(spec.options.concurrency(), maxWaiting);
  }

  /** Whether the next request would be refused. */
  boolean isFull() {
    return permits.isFull();
  }

  boolean isIdle() {
    return jobs.isEmpty();
  }

  /** Handles a request when its turn comes, or refuses it. On the thread that reads. */
  void take(Message.Request<Q, A> request, Replies<Q, A> replies) {
    Job job = new Job(request, replies);
    jobs.add(job);
    byId.putIfAbsent(request.id(), job);
    if (!permits.acquire(job)) {
      exchange.count(Counter.REFUSED);
      job.refuse(new ExchangeOverloadException(maxWaiting));
    }
  }

  /** The peer does not wait for this answer any more. */
  void callOff(Object id) {
    Job job = byId.get(id);
    if (job != null) {
      job.callOff();
    }
  }

  /** Cancels them all, without an answer. Any thread. */
  void stop() {
    jobs.forEach(Job::drop);
  }

  /** One request, until its answer was sent. Who sets {@code over} answers, or decides not to. */
  private final class Job implements Permits.Waiter {
    private final Message.Request<Q, A> request;
    private final Replies<Q, A> replies;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Disposable.Swap handling = Disposables.swap();

    /** Set by the thread that hands out permits; who holds one gives it back once. */
    private final AtomicBoolean holdsPermit = new AtomicBoolean();

    Job(Message.Request<Q, A> request, Replies<Q, A> replies) {
      this.request = request;
      this.replies = replies;
    }

    @Override
    public void granted() {
      holdsPermit.set(true);
      if (over.get() || exchange.isDisposed()) { // it is dropped, or about to be
        giveBack();
        return;
      }
      exchange.count(Counter.HANDLED);
      handling.update(
          Mono.defer(() -> Mono.<A>from(handler.apply(request.body())))
              .subscribe(
                  answer -> finish(new Message.Response<>(request.id(), answer)),
                  error -> finish(new Message.ErrorResponse<>(request.id(), error)),
                  () -> finish(new Message.ErrorResponse<>(request.id(), nothing()))));
    }

    private RuntimeException nothing() {
      return new IllegalStateException("the handler completed without an answer");
    }

    private void finish(Message<Q, A> answer) {
      if (over.compareAndSet(false, true)) {
        replies.reply(answer, this::gone);
      }
    }

    void refuse(RuntimeException reason) {
      finish(new Message.ErrorResponse<>(request.id(), reason));
    }

    void callOff() {
      if (!over.compareAndSet(false, true)) {
        return;
      }
      exchange.count(Counter.CALLED_OFF);
      permits.forget(this);
      handling.dispose();
      if (codec.answersCancelled()) {
        replies.reply(
            new Message.ErrorResponse<>(
                request.id(), new CancellationException("the request was called off")),
            this::gone);
      } else {
        replies.omit();
        gone();
      }
    }

    void drop() {
      over.set(true);
      permits.forget(this);
      handling.dispose();
      gone();
    }

    private void gone() {
      jobs.remove(this);
      byId.remove(request.id(), this);
      giveBack();
      exchange.goOn();
      exchange.endIfServed();
    }

    private void giveBack() {
      if (holdsPermit.compareAndSet(true, false)) {
        permits.release();
      }
    }
  }
}
