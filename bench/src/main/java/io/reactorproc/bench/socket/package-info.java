/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** Unix sockets beside Netty, {@code java.nio} and C, against one partner in C. */
@NullMarked
package io.reactorproc.bench.socket;

import org.jspecify.annotations.NullMarked;
