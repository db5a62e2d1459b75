/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the answers to the peer's requests go: each by itself, or those of a batch together. */
interface Replies<Q, A> {
  Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /**
   * Takes an answer. Any thread.
   *
   * @param done runs when the answer needs no more room: it was sent, or cannot be
   */
  void reply(Message<Q, A> answer, Runnable done);

  /** One of the requests gets no answer. Any thread. */
  void omit();

  /** Sends an answer, or where it cannot be written the reason for that. */
  private static <Q, A> void send(Exchange<Q, A> exchange, Message<Q, A> answer, Runnable done) {
    exchange
        .send(answer)
        .onErrorResume(
            unwritable -> {
              LOG.warn("an answer cannot be sent", unwritable);
              return answer instanceof Message.Response<Q, A> response
                  ? exchange.send(new Message.ErrorResponse<>(response.id(), unwritable))
                  : exchange.send(withoutAnswers(answer, unwritable));
            })
        .onErrorComplete()
        .doFinally(end -> done.run())
        .subscribe();
  }

  /** A batch whose answers, or one of them, cannot be written. */
  private static <Q, A> Message<Q, A> withoutAnswers(Message<Q, A> answer, Throwable reason) {
    if (!(answer instanceof Message.Batch<Q, A> batch)) {
      return new Message.ErrorResponse<>(null, reason);
    }
    List<Message<Q, A>> errors = new ArrayList<>();
    for (Message<Q, A> member : batch.members()) {
      errors.add(
          member instanceof Message.Response<Q, A> response
              ? new Message.ErrorResponse<>(response.id(), reason)
              : member);
    }
    return new Message.Batch<>(errors);
  }

  /**
   * Each answer goes at once.
   *
   * @param exchange over which
   */
  record Single<Q, A>(Exchange<Q, A> exchange) implements Replies<Q, A> {
    @Override
    public void reply(Message<Q, A> answer, Runnable done) {
      send(exchange, answer, done);
    }

    @Override
    public void omit() {}
  }

  /** All answers of a batch go when the last one is there. */
  final class Together<Q, A> implements Replies<Q, A> {
    private final Exchange<Q, A> exchange;
    private final int expected;
    private final List<Message<Q, A>> answers = new ArrayList<>();
    private int settled;

    Together(Exchange<Q, A> exchange, int expected) {
      this.exchange = exchange;
      this.expected = expected;
    }

    @Override
    public void reply(Message<Q, A> answer, Runnable done) {
      List<Message<Q, A>> all = settle(List.of(answer));
      if (all.isEmpty()) {
        done.run();
      } else {
        send(exchange, new Message.Batch<>(all), done);
      }
    }

    @Override
    public void omit() {
      List<Message<Q, A>> all = settle(List.of());
      if (!all.isEmpty()) {
        send(exchange, new Message.Batch<>(all), () -> {});
      }
    }

    /** All answers, where that was the last one, else none. */
    private synchronized List<Message<Q, A>> settle(List<Message<Q, A>> more) {
      answers.addAll(more);
      settled++;
      return settled == expected ? List.copyOf(answers) : List.of();
    }
  }
}
