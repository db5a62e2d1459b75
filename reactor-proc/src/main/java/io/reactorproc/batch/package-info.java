/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * Many commands at once: a stream of arguments and a template, as {@code xargs -P} and GNU parallel
 * take them. Made of what {@link io.reactorproc} has public and nothing else.
 *
 * <p>Threads: everything about one run, except for its counters, happens in {@link
 * io.reactorproc.batch.Coordinator#drain}, one thread at a time, whichever came by: that of the
 * source, of a child's event loop, or of who requests and cancels.
 */
@NullMarked
package io.reactorproc.batch;

import org.jspecify.annotations.NullMarked;
