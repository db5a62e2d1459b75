/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.SystemCallException;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * Learns what a server does by itself. Called on an event loop, so it must not block; what it
 * throws is logged.
 */
public interface UnixServerObserver {
  /** Somebody connected whom the access policy does not allow, and was disconnected. */
  default void onRefused(PeerCredentials peer) {}

  /**
   * Nobody can be accepted now, as this process or the machine is at a limit ({@code EMFILE},
   * {@code ENFILE}, {@code ENOMEM}). Who connects waits in the backlog; after the pause the server
   * tries again.
   */
  default void onAcceptFailed(SystemCallException error, Duration pause) {}

  /**
   * The handler of one connection failed; the connection is closed and the server goes on. Logs a
   * warning unless it is overridden.
   */
  default void onHandlerFailed(UnixConnection connection, Throwable error) {
    LoggerFactory.getLogger(UnixServer.class).warn("the handler of {} failed", connection, error);
  }
}
