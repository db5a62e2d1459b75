/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * Unix sockets as streams: servers, clients, datagrams, and descriptors that are passed through
 * them.
 *
 * <p>{@link io.reactorproc.ipc.unix.UnixServer} and {@link io.reactorproc.ipc.unix.UnixClient} are
 * the way in; a {@link io.reactorproc.ipc.unix.UnixConnection} is what both lead to.
 */
@NullMarked
package io.reactorproc.ipc.unix;

import org.jspecify.annotations.NullMarked;
