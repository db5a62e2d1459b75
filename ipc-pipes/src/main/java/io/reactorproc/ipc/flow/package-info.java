/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * Descriptors on an event loop: the loop-confined machinery below the public streams.
 *
 * <p>Every object here belongs to one event loop. Fields are touched on that loop only, unless
 * their comment says otherwise; methods whose Javadoc says "any thread" hop to the loop.
 *
 * <p>{@link io.reactorproc.ipc.flow.WriteOutcome} and {@link io.reactorproc.ipc.flow.StreamEnd} are
 * values that users meet; the rest serves this project's own modules and may change in any release.
 */
@NullMarked
package io.reactorproc.ipc.flow;

import org.jspecify.annotations.NullMarked;
