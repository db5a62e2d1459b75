/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.flow;

/**
 * What became of one write.
 *
 * @param bytes how many bytes the kernel took
 * @param readerGone whether the reader closed its end before it had read everything ({@code
 *     EPIPE}), which is an outcome and not an error: {@code head -n 1} does so by design
 */
public record WriteOutcome(long bytes, boolean readerGone) {}
