/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A way to talk with a child beside its stdio, in both directions; see {@link Command#channel}. An
 * immutable value.
 */
public final class Channel {
  /** What it is made of. */
  enum Kind {
    SOCKET_PAIR,
    PIPE_PAIR
  }

  private final Kind kind;
  private final @Nullable String variable;

  private Channel(Kind kind, @Nullable String variable) {
    this.kind = kind;
    this.variable = variable;
  }

  /**
   * A pair of connected Unix stream sockets, {@code socketpair(2)}: the child reads and writes one
   * descriptor. What it has is a socket: it can be reopened neither through {@code /dev/fd} nor
   * {@code /proc}, and whether it blocks is the child's to choose (it does at first).
   */
  public static Channel socketPair() {
    return new Channel(Kind.SOCKET_PAIR, null);
  }

  /**
   * Two pipes, {@code pipe2(2)}: the child reads the channel's descriptor and writes the next
   * higher one, as browsers do that are driven through a pipe.
   */
  public static Channel pipePair() {
    return new Channel(Kind.PIPE_PAIR, null);
  }

  /**
   * Tells the child in this variable of its environment which descriptor it is: {@code 3} for a
   * socket pair, {@code 3,4} for a pipe pair. It wins over {@link Command#env}, and survives {@link
   * Command#clearEnv}.
   *
   * @throws InvalidCommandException if the name is empty or has a {@code =} or a NUL
   */
  public Channel announcedAs(String name) {
    Environment.checkName(name);
    return new Channel(kind, name);
  }

  Kind kind() {
    return kind;
  }

  Optional<String> variable() {
    return Optional.ofNullable(variable);
  }

  /** The last of the numbers that it takes in the child. */
  int last(int descriptor) {
    return kind == Kind.PIPE_PAIR ? descriptor + 1 : descriptor;
  }

  /** What the variable says. */
  String announcement(int descriptor) {
    return kind == Kind.PIPE_PAIR ? descriptor + "," + (descriptor + 1) : "" + descriptor;
  }

  @Override
  public String toString() {
    String what = kind == Kind.PIPE_PAIR ? "pipe pair" : "socket pair";
    return variable == null ? what : what + " announced as " + variable;
  }
}
