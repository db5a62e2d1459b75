/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * JSON over frames: {@link io.reactorproc.ipc.json.Ndjson} and {@link
 * io.reactorproc.ipc.json.JsonRpc}. It needs Jackson ({@code jackson-databind}), which this module
 * does not bring along: who uses this package adds it.
 */
@NullMarked
package io.reactorproc.ipc.json;

import org.jspecify.annotations.NullMarked;
