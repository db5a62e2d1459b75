/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.signals.Signal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * Something in the life of one child, in the order in which it became known: {@link Started} first;
 * {@link Output} by demand; {@link OutputEnded} once per output; {@link Exited} once, after all
 * that the child itself had written. A process that outlives the child and holds its output open
 * delays {@link OutputEnded}, never {@link Exited}.
 */
public sealed interface ProcessEvent {
  /** When it became known to the JVM. */
  Instant time();

  /**
   * The child runs its program.
   *
   * @param pid its process id
   * @param argv its argument vector
   */
  record Started(Instant time, int pid, List<String> argv) implements ProcessEvent {}

  /**
   * Bytes that the child wrote.
   *
   * @param descriptor 1 for stdout, 2 for stderr, or another that was declared
   * @param data a read-only copy on the heap: it needs no release and may be kept
   */
  record Output(Instant time, int descriptor, ByteBuffer data) implements ProcessEvent {
    /** The bytes as UTF-8; a character that is cut by the end of the chunk is replaced. */
    public String text() {
      return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
    }
  }

  /**
   * A line that the child wrote, in place of {@link Output} where {@link Command#lineEvents()} asks
   * for lines.
   *
   * @param descriptor 1 for stdout, 2 for stderr, or another that was declared
   * @param text the line without its terminator
   */
  record Line(Instant time, int descriptor, String text) implements ProcessEvent {}

  /** A signal stopped the child. Stops that follow each other closely may be seen as one. */
  record Stopped(Instant time, Signal signal) implements ProcessEvent {}

  /** The child goes on after a stop. */
  record Continued(Instant time) implements ProcessEvent {}

  /** One of the outputs has ended. */
  record OutputEnded(Instant time, OutputSummary summary) implements ProcessEvent {}

  /** The child is gone and reaped. */
  record Exited(Instant time, int pid, ExitStatus status) implements ProcessEvent {}
}
