/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.flow.StreamEnd;
import java.time.Duration;
import java.util.List;

/**
 * One output of a child, after its end.
 *
 * @param descriptor the child's descriptor number: 1 for stdout, 2 for stderr
 * @param bytes how many bytes came
 * @param chunks in how many reads
 * @param readerWaited for how long there was demand and no data
 * @param writerWaited for how long data was there and nobody asked for it: the back-pressure
 * @param end how it ended; {@link StreamEnd#ABANDONED} where another process kept the empty pipe
 *     open for longer than the {@linkplain Command#outputGrace grace} after the exit
 * @param holders the processes that held it open then, as far as they could be found
 */
public record OutputSummary(
    int descriptor,
    long bytes,
    long chunks,
    Duration readerWaited,
    Duration writerWaited,
    StreamEnd end,
    List<Integer> holders) {
  /** Copies the holders. */
  public OutputSummary {
    holders = List.copyOf(holders);
  }
}
