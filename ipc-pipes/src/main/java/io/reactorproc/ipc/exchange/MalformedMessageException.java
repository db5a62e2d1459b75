/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import org.jspecify.annotations.Nullable;

/** A frame is well formed, but its content is no message of the protocol. */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String excerpt;

  /**
   * Says what is wrong.
   *
   * @param problem in words
   * @param excerpt the beginning of the content, made printable
   */
  public MalformedMessageException(String problem, String excerpt, @Nullable Throwable cause) {
    super(problem + ": " + excerpt, cause);
    this.excerpt = excerpt;
  }

  /** The beginning of the content. */
  public String excerpt() {
    return excerpt;
  }
}
