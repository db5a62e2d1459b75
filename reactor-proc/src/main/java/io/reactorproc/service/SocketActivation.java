/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.Command;
import io.reactorproc.InvalidCommandException;
import io.reactorproc.Stdin;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Listening sockets for a child, by sd_listen_fds(3): they are its descriptors from 3 on, and
 * {@code LISTEN_FDS}, {@code LISTEN_FDNAMES} and {@code LISTEN_PID} tell it so. The sockets outlive
 * the child: a client that connects while it is started anew waits, and is not refused. An
 * immutable value.
 *
 * <p>{@code O_NONBLOCK} is taken from each at the start, as systemd does unless told otherwise:
 * simple programs wait in accept(2). It is one flag for all who share the socket, so this JVM must
 * not accept on it by an event loop; {@link #nonBlocking()} leaves the flag as it is.
 */
public final class SocketActivation {
  private static final int FIRST = 3;
  private static final int HIGHEST = 255;
  private static final int LONGEST_NAME = 255;

  private final List<Socket> sockets;
  private final boolean blocking;

  private record Socket(String name, int number) {}

  private SocketActivation(List<Socket> sockets, boolean blocking) {
    this.sockets = sockets;
    this.blocking = blocking;
  }

  /** No socket yet. */
  public static SocketActivation none() {
    return new SocketActivation(List.of(), true);
  }

  /**
   * One more socket, by its number in this JVM: that of a Unix socket of ours, or of a TCP channel
   * such as Netty's {@code EpollServerSocketChannel.fd()}. It stays its owner's, who keeps it open
   * while children are started with it.
   *
   * @param name of ASCII characters that can be printed, without a colon, 255 at most
   * @throws IllegalArgumentException if the name is not such a one, the number is negative, or
   *     there are more than 253 of them
   */
  public SocketActivation socket(String name, int number) {
    checkName(name);
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor's number: " + number);
    }
    if (FIRST + sockets.size() > HIGHEST) {
      throw new IllegalArgumentException("a child's descriptors end with " + HIGHEST);
    }
    List<Socket> more = new ArrayList<>(sockets);
    more.add(new Socket(name, number));
    return new SocketActivation(List.copyOf(more), blocking);
  }

  /** Leaves {@code O_NONBLOCK} of the sockets as it is. */
  public SocketActivation nonBlocking() {
    return new SocketActivation(sockets, false);
  }

  static void checkName(String name) {
    boolean printable = name.chars().allMatch(c -> c >= ' ' && c < 0x7f && c != ':');
    if (!printable || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the name of a socket is of printable ASCII without a colon: " + name);
    }
  }

  /**
   * The command with these sockets. To know its own pid, the child begins as a shell; see {@link
   * Command#envPid}.
   *
   * @throws InvalidCommandException if one of the descriptors is an output or a channel of it
   */
  public Command of(Command command) {
    Command activated = Objects.requireNonNull(command, "command");
    for (int i = 0; i < sockets.size(); i++) {
      Stdin socket = Stdin.descriptor(sockets.get(i).number(), blocking);
      activated = activated.input(FIRST + i, socket);
    }
    String names = sockets.stream().map(Socket::name).collect(Collectors.joining(":"));
    return activated
        .env("LISTEN_FDS", Integer.toString(sockets.size()))
        .env("LISTEN_FDNAMES", names)
        .envPid("LISTEN_PID");
  }

  @Override
  public String toString() {
    return "sockets " + sockets;
  }
}
