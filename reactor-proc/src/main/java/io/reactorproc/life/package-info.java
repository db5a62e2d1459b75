/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * The life of children beside that of the JVM: {@link io.reactorproc.life.Shutdown} ends them in
 * order when it is asked to end, {@link io.reactorproc.life.Forwarding} hands its signals on.
 */
@NullMarked
package io.reactorproc.life;

import org.jspecify.annotations.NullMarked;
