/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

/**
 * Who sent a datagram, as the kernel vouches for it ({@code SCM_CREDENTIALS}).
 *
 * @param pid the process, in this JVM's pid namespace; 0 where it is not visible there. It may have
 *     ended since
 * @param uid its user
 * @param gid its group
 */
public record NotifySender(int pid, int uid, int gid) {}
