/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.Arrays;

/** Who takes part, in the order of the rounds and of the columns. */
enum PeerKind {
  /** The limit: one thread, posix_spawn, pidfd, epoll, raw reads and writes. */
  C("c", "C"),
  /** The JDK's way. */
  PROCESS_BUILDER("process-builder", "ProcessBuilder"),
  /** The library that users come from. */
  NU_PROCESS("nuprocess", "NuProcess"),
  /** This library. */
  REACTOR_PROC("reactor-proc", "reactor-proc");

  private final String id;
  private final String label;

  PeerKind(String id, String label) {
    this.id = id;
    this.label = label;
  }

  String id() {
    return id;
  }

  String label() {
    return label;
  }

  static PeerKind of(String id) {
    return Arrays.stream(values())
        .filter(peer -> peer.id.equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no peer " + id));
  }
}
