/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

/**
 * Who is on the other side, as the kernel vouches for it.
 *
 * @param pid the process that connected, or listened, or made the pair, in the reader's pid
 *     namespace, 0 where it is not visible there; it may have ended since, and its number may be
 *     another process's by now
 * @param uid its effective user
 * @param gid its effective group
 */
public record PeerCredentials(int pid, int uid, int gid) {}
