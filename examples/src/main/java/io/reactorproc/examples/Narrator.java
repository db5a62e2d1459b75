/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.OutputSummary;
import io.reactorproc.ProcessEvent;
import io.reactorproc.ProcessEvent.Continued;
import io.reactorproc.ProcessEvent.Exited;
import io.reactorproc.ProcessEvent.Line;
import io.reactorproc.ProcessEvent.OutputEnded;
import io.reactorproc.ProcessEvent.Started;
import io.reactorproc.ProcessEvent.Stopped;
import io.reactorproc.ipc.flow.StreamEnd;
import java.time.Duration;
import java.time.Instant;

/**
 * Tells the life of one child, a line for each event: the time since its start, a tag, and what
 * happened. {@code out |} and {@code err |} are the child's own words. For one thread.
 */
final class Narrator {
  private final StringBuilder text = new StringBuilder(256);
  private Instant start = Instant.now();

  /** The line for an event; overwritten by the next call. */
  CharSequence tell(ProcessEvent event) {
    if (event instanceof Started started) {
      start = started.time();
    }
    begin(event.time());
    if (event instanceof Line line) {
      text.append(line.descriptor() == 2 ? "err |  " : "out |  ");
      Printable.append(text, line.text());
    } else if (event instanceof ProcessEvent.Output output) {
      text.append(name(output.descriptor())).append("    ");
      text.append(Quantity.count(output.data().remaining(), "byte"));
    } else if (event instanceof Started started) {
      text.append("start  pid ").append(started.pid()).append(": ");
      Printable.append(text, Command.of(started.argv()).toString());
    } else if (event instanceof Stopped stopped) {
      text.append("stop   ").append(stopped.signal().name());
    } else if (event instanceof Continued) {
      text.append("cont");
    } else if (event instanceof OutputEnded ended) {
      describe(ended.summary());
    } else if (event instanceof Exited exited) {
      describe(exited.status());
    }
    return text;
  }

  /** A line of our own. */
  CharSequence remark(String remark) {
    begin(Instant.now());
    return text.append("note   ").append(remark);
  }

  /** How long ago the child started. */
  Duration elapsed() {
    return Duration.between(start, Instant.now());
  }

  /** By hand, as a formatter would be the most expensive thing in the way of a line. */
  private void begin(Instant time) {
    text.setLength(0);
    long micros = Math.max(0, Duration.between(start, time).toNanos() / 1000);
    String millis = Long.toString(micros / 1000);
    for (int width = millis.length(); width < 7; width++) {
      text.append(' ');
    }
    text.append(millis).append('.');
    String rest = Long.toString(1000 + micros % 1000);
    text.append(rest, 1, 4).append(" ms  ");
  }

  private void describe(OutputSummary output) {
    text.append(name(output.descriptor()))
        .append("    ")
        .append(words(output.end()))
        .append(" after ");
    text.append(Quantity.count(output.bytes(), "byte")).append(" in ");
    text.append(Quantity.count(output.chunks(), "read")).append("; the child waited ");
    text.append(Quantity.time(output.writerWaited())).append(" for its reader, the reader ");
    text.append(Quantity.time(output.readerWaited())).append(" for the child");
    if (!output.holders().isEmpty()) {
      text.append("; still held open by ").append(output.holders());
    }
  }

  private void describe(ExitStatus status) {
    text.append("exit   ").append(status).append(" after ");
    text.append(Quantity.time(status.wallTime()));
    status
        .usage()
        .ifPresent(
            usage ->
                text.append("; CPU ")
                    .append(Quantity.time(usage.userCpu()))
                    .append(" user + ")
                    .append(Quantity.time(usage.systemCpu()))
                    .append(" system; peak memory ")
                    .append(PeakMemory.of(usage)));
  }

  private static String name(int descriptor) {
    return switch (descriptor) {
      case 1 -> "out";
      case 2 -> "err";
      default -> "fd" + descriptor;
    };
  }

  private static String words(StreamEnd end) {
    return switch (end) {
      case END_OF_FILE -> "ended";
      case ABANDONED -> "given up (something else holds it open)";
      case FAILED -> "failed";
      case CANCELLED -> "closed by us";
    };
  }
}
