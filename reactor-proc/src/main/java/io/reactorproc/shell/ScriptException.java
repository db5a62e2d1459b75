/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.shell.ScriptResult.Step;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A script ended with a status that is no success, or was ended by a timeout or a limit. */
public final class ScriptException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why the run failed. */
  public enum Reason {
    /** {@link Script#success} does not accept the status. */
    STATUS,
    /** Something else in this JVM took the status of a child. */
    STATUS_LOST,
    /** {@link Script#timeout} ended the script. */
    TIMEOUT,
    /** {@link Script#captureLimit} was exceeded, which ended the script. */
    CAPTURE_LIMIT
  }

  private final Reason reason;
  private final @Nullable Integer status;
  private final String stderr;
  private final transient List<Step> steps;

  ScriptException(
      Reason reason, String message, @Nullable Integer status, String stderr, List<Step> steps) {
    super(message + (stderr.isBlank() ? "" : "\nstderr: " + stderr.strip()));
    this.reason = reason;
    this.status = status;
    this.stderr = stderr;
    this.steps = List.copyOf(steps);
  }

  /** Why the run failed. */
  public Reason reason() {
    return reason;
  }

  /** The status of the script, where it came to its end. */
  public OptionalInt status() {
    return status == null ? OptionalInt.empty() : OptionalInt.of(status);
  }

  /** The last 32 KiB of what came on stderr, as UTF-8. */
  public String stderr() {
    return stderr;
  }

  /** The commands that had ended by then; empty after deserialisation. */
  @SuppressWarnings("NullAway") // null only after deserialisation, as it is transient
  public List<Step> steps() {
    return steps == null ? List.of() : steps;
  }
}
