/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/** What a Unix socket keeps of the borders between writes, and whether it is connected. */
public enum SocketType {
  /** Connected; a stream of bytes without borders. */
  STREAM(1),
  /** Not connected; whole messages, each with its sender's address. */
  DATAGRAM(2),
  /** Connected; whole messages in their order. */
  SEQPACKET(5);

  private final int number;

  SocketType(int number) {
    this.number = number;
  }

  /** The kernel's number, {@code SOCK_STREAM} and so on. */
  public int number() {
    return number;
  }

  /** Whether reads keep the borders between writes. */
  public boolean keepsMessages() {
    return this != STREAM;
  }
}
