/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** Descriptors as streams: pipes, FIFOs and Unix sockets, read and written by demand. */
@NullMarked
package io.reactorproc.ipc;

import org.jspecify.annotations.NullMarked;
