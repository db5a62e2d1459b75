/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * Messages with a beginning and an end over any stream of bytes: {@link
 * io.reactorproc.ipc.frame.Framing}.
 */
@NullMarked
package io.reactorproc.ipc.frame;

import org.jspecify.annotations.NullMarked;
