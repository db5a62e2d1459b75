/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What goes over an exchange, in either direction. Ids are compared by {@code equals}; those of
 * requests that we make are {@link Long}s from 1 on, those of the peer's are given back as they
 * came.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public sealed interface Message<Q, A> {

  /**
   * Wants one answer with the same id.
   *
   * @param id chosen by who asks
   * @param body what is asked
   */
  record Request<Q, A>(Object id, Q body) implements Message<Q, A> {}

  /**
   * Wants no answer.
   *
   * @param body what is said
   */
  record Notification<Q, A>(Q body) implements Message<Q, A> {}

  /**
   * The answer to a request.
   *
   * @param id the request's
   * @param body what is answered
   */
  record Response<Q, A>(Object id, A body) implements Message<Q, A> {}

  /**
   * The answer to a request that failed.
   *
   * @param id the request's; null where it could not be read
   * @param error why; received, it is what the request's {@code Mono} fails with
   */
  record ErrorResponse<Q, A>(@Nullable Object id, Throwable error) implements Message<Q, A> {}

  /**
   * A frame, or a part of one, that is no message.
   *
   * @param reason what is wrong
   * @param answer what to tell the peer, if its protocol has such an answer
   */
  record Invalid<Q, A>(MalformedMessageException reason, @Nullable Message<Q, A> answer)
      implements Message<Q, A> {}

  /**
   * Several messages in one frame. The answers to its requests go back in one frame, too.
   *
   * @param members none of them a batch
   */
  record Batch<Q, A>(List<Message<Q, A>> members) implements Message<Q, A> {
    /** The members are copied. */
    public Batch {
      members = List.copyOf(members);
    }
  }
}
