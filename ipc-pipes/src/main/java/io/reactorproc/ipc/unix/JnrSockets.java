/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.util.Objects;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/**
 * To and from jnr-unixsocket: its addresses, and connections that a program has made with it.
 *
 * <p>Its sockets are not used here themselves: they are inheritable (no {@code SOCK_CLOEXEC}), its
 * selector is a second poller with a thread of its caller's, it knows neither seqpacket sockets nor
 * passed descriptors, and its {@code bind} leaves the mode of the file to the umask.
 */
public final class JnrSockets {
  private JnrSockets() {}

  /**
   * The same address here.
   *
   * @throws InvalidUnixAddressException if it is too long
   */
  public static UnixAddress address(UnixSocketAddress address) {
    String path = address.path();
    if (path.isEmpty()) {
      return UnixAddress.UNNAMED;
    }
    return path.charAt(0) == 0 ? UnixAddress.abstractName(path.substring(1)) : UnixAddress.of(path);
  }

  /** The same address there. */
  public static UnixSocketAddress address(UnixAddress address) {
    if (address.isUnnamed()) {
      return new UnixSocketAddress("");
    }
    String shown = address.toString();
    return new UnixSocketAddress(address.isAbstract() ? '\0' + shown.substring(1) : shown);
  }

  /**
   * Takes a connected channel over: the connection goes on here, under a descriptor that is {@code
   * FD_CLOEXEC}, and the channel is closed, without the shutdown that its own {@code close} does.
   *
   * @throws IllegalStateException if the channel is not connected, or registered with a selector
   * @throws IOException if the descriptor cannot be taken over; the channel is as it was then
   */
  public static UnixConnection take(UnixSocketChannel channel, EventLoops loops)
      throws IOException {
    Objects.requireNonNull(loops, "loops");
    Kernel kernel = Kernel.system();
    int theirs = channel.getFD();
    if (!channel.isOpen() || channel.isRegistered() || !isConnected(theirs)) {
      throw new IllegalStateException(
          "a channel to be taken over is connected, and registered nowhere: " + channel);
    }
    try (Descriptor copy = Descriptor.own(kernel.duplicate(theirs, 0, "take a channel over"))) {
      // What the channel closes, and shuts down, is a socket that is connected to nobody.
      channel.setFD(Sockets.system().open(SocketType.STREAM, "take a channel over"));
      kernel.close(theirs);
      channel.close();
      return UnixConnection.of(Descriptor.own(copy.release()), loops);
    }
  }

  /** The channel says so of one that is not, too. */
  private static boolean isConnected(int fd) {
    try {
      Sockets.system().peerName(fd);
      return true;
    } catch (SystemCallException notConnected) {
      return false;
    }
  }

  /** As {@link #take(UnixSocketChannel, EventLoops)} on the shared loops. */
  public static UnixConnection take(UnixSocketChannel channel) throws IOException {
    return take(channel, EventLoops.shared());
  }
}
