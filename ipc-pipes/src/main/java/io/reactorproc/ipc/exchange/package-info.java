/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * Requests and answers over one channel, many at once and in both directions: {@link
 * io.reactorproc.ipc.exchange.Exchange}.
 */
@NullMarked
package io.reactorproc.ipc.exchange;

import org.jspecify.annotations.NullMarked;
