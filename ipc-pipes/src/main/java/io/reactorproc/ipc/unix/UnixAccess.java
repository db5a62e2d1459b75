/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.sys.PeerCredentials;
import io.reactorproc.ipc.sys.Sockets;
import java.util.Arrays;

/**
 * Which peers a server lets in, by what the kernel says of them. It is asked on an event loop, for
 * each connection, and must not block.
 */
@FunctionalInterface
public interface UnixAccess {
  /** Whether this peer is let in. */
  boolean allows(PeerCredentials peer);

  /** The user that this process runs as, and root: what a server has unless told otherwise. */
  static UnixAccess ownUser() {
    int own = Sockets.system().effectiveUser();
    return peer -> peer.uid() == own || peer.uid() == 0;
  }

  /** Everybody whom the modes of the socket file and its directory let through. */
  static UnixAccess everybody() {
    return peer -> true;
  }

  /** These users, and nobody else. */
  static UnixAccess users(int... uids) {
    int[] allowed = uids.clone();
    return peer -> Arrays.stream(allowed).anyMatch(uid -> uid == peer.uid());
  }
}
