/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.buffer.ByteBuf;

/**
 * Bytes that an observer saw, and where they belong.
 *
 * @param offset of the first of them in all that flowed
 * @param missed how many bytes directly before it passed unseen; always 0 for {@link Tap#exact()}
 * @param bytes owned by the subscriber, who releases them
 */
public record TapChunk(long offset, long missed, ByteBuf bytes) {}
