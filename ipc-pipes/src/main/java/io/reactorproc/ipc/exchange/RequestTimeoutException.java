/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import java.time.Duration;

/** No answer came in time. The peer is told, where its protocol knows how; an answer is dropped. */
public final class RequestTimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Duration timeout;
  private final boolean sent;

  RequestTimeoutException(Duration timeout, boolean sent) {
    super(
        "no answer within "
            + timeout
            + (sent ? "" : "; the request was not sent, as it waited for others or for the peer"));
    this.timeout = timeout;
    this.sent = sent;
  }

  /** The time that was given, which began with the subscription. */
  public Duration timeout() {
    return timeout;
  }

  /** Whether the request was handed over to the channel at all. */
  public boolean wasSent() {
    return sent;
  }
}
