/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

/** What is done about a frame whose content is no message. */
public enum Malformed {
  /** The exchange ends with the {@link MalformedMessageException}. */
  FAIL,
  /** It is counted and left out; the peer is told where the protocol has an answer for that. */
  SKIP
}
