/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.io.IOException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A child ended otherwise than its command's policy accepts, or was ended by a timeout or a limit.
 * Carries what a person needs who was not there.
 */
public sealed class ProcessExitException extends IOException
    permits PipelineException, SequenceException {
  private static final long serialVersionUID = 1L;

  /** Why the run failed. */
  public enum Reason {
    /** The {@link ExitPolicy} does not accept the status. */
    STATUS,
    /** Somebody else took the status. */
    STATUS_LOST,
    /** The overall {@linkplain Command#timeout timeout} ended the child. */
    TIMEOUT,
    /** The {@linkplain Command#idleTimeout idle timeout} ended the child. */
    IDLE_TIMEOUT,
    /** The {@linkplain Command#captureLimit capture limit} was exceeded, which ended the child. */
    CAPTURE_LIMIT,
    /** The publisher or stream behind the child's input failed, which ended the child. */
    INPUT,
    /** A target of a tee failed, which ended the child. */
    OUTPUT,
    /** It was ended by the {@link Closing} of its runtime, and had no status that is accepted. */
    SHUTDOWN;

    String words() {
      return switch (this) {
        case STATUS -> "failed";
        case STATUS_LOST -> "ended, but something else in this JVM took its status";
        case TIMEOUT -> "was ended by its timeout";
        case IDLE_TIMEOUT -> "was ended because it wrote nothing for its idle timeout";
        case CAPTURE_LIMIT -> "was ended because it wrote more than its capture limit";
        case INPUT -> "was ended because its input failed";
        case OUTPUT -> "was ended because a target of its output failed";
        case SHUTDOWN -> "was ended by the shutdown";
      };
    }
  }

  private final Reason reason;
  private final String command;
  private final int pid;
  private final transient @Nullable ExitStatus status;
  private final String statusText;
  private final StderrExcerpt stderr;
  private final transient @Nullable ProcessResult partial;

  ProcessExitException(
      Reason reason,
      String command,
      int pid,
      ExitStatus status,
      StderrExcerpt stderr,
      @Nullable ProcessResult partial,
      @Nullable Throwable cause) {
    super(message(reason, command, pid, status, stderr), cause);
    this.reason = reason;
    this.command = command;
    this.pid = pid;
    this.status = status;
    this.statusText = status.toString();
    this.stderr = stderr;
    this.partial = partial;
  }

  /** Of a pipeline's stage. */
  ProcessExitException(
      Reason reason, String message, StageResult stage, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.command = stage.command();
    this.pid = stage.pid();
    this.status = stage.status();
    this.statusText = status.toString();
    this.stderr = stage.stderr();
    this.partial = stage.process();
  }

  /** Of a sequence, which has no pid. */
  ProcessExitException(
      Reason reason,
      String message,
      String command,
      ExitStatus status,
      StderrExcerpt stderr,
      @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.command = command;
    this.pid = 0;
    this.status = status;
    this.statusText = status.toString();
    this.stderr = stderr;
    this.partial = null;
  }

  private static String message(
      Reason reason, String command, int pid, ExitStatus status, StderrExcerpt stderr) {
    return message(command, pid, reason, status)
        + (reason == Reason.STATUS
            ? "; if this status is fine, say so with Command.success(ExitPolicy)"
            : "")
        + stderr(stderr);
  }

  /** Who ended how. */
  static String message(String what, int pid, Reason reason, ExitStatus status) {
    return what
        + (pid == 0 ? " " : " (pid " + pid + ") ")
        + reason.words()
        + ": "
        + status
        + " after "
        + status.wallTime().toMillis()
        + " ms";
  }

  /** What was said about it, as the end of a message. */
  static String stderr(StderrExcerpt stderr) {
    return stderr.isEmpty() ? "" : "\nstderr: " + stderr.text().strip();
  }

  /** Why the run failed. */
  public Reason reason() {
    return reason;
  }

  /** The command, escaped for reading as a shell would write it. */
  public String command() {
    return command;
  }

  /** The pid that the child had; 0 for a {@link SequenceException}. */
  public int pid() {
    return pid;
  }

  /** How the child ended; for a timeout or limit, by what we did about it. */
  public ExitStatus status() {
    if (status == null) {
      throw new IllegalStateException("the status was not serialised: " + statusText);
    }
    return status;
  }

  /** The exit code, where there is one. */
  public OptionalInt code() {
    return status == null ? OptionalInt.empty() : status.code();
  }

  /** Head and tail of stderr, where it came through the JVM. */
  public StderrExcerpt stderr() {
    return stderr;
  }

  /** What had been captured, where the run captures; bounded by the limit. */
  public @Nullable ProcessResult partialResult() {
    return partial;
  }
}
