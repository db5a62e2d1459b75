/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.SystemCallException;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A child could not be started; nothing of it is left. */
public final class ProcessStartException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What stood in the way. */
  public enum Reason {
    /** The program is not there, is no program, or may not be executed. */
    EXECUTABLE,
    /** The program is a script whose interpreter is missing ({@code #!}). */
    INTERPRETER,
    /** The working directory is missing, is none, or may not be entered. */
    DIRECTORY,
    /** A file that stdin, stdout or stderr should be cannot be opened. */
    REDIRECT,
    /** Arguments and environment are too long for the kernel ({@code E2BIG}). */
    ARGUMENTS,
    /** Descriptors, processes or memory are used up; it may work later. */
    LIMITS,
    /** It could not get a cgroup of its own; the cause is a {@code CgroupException}. */
    CGROUP,
    /** It took longer than the {@linkplain Command#startTimeout start timeout}. */
    TIMEOUT,
    /** There is no controlling terminal whose foreground it could be, or another child has it. */
    TERMINAL,
    /** The {@link Closing} of its runtime, or of all, has begun, perhaps with the JVM's end. */
    SHUTDOWN,
    /** Anything else; the cause says what. */
    SYSTEM
  }

  private static final int NO_STAGE = -1;

  private final Reason reason;
  private final String command;
  private final int stage;

  ProcessStartException(Reason reason, String command, String detail, @Nullable Exception cause) {
    super("cannot start " + command + ": " + detail, cause);
    this.reason = reason;
    this.command = command;
    this.stage = NO_STAGE;
  }

  ProcessStartException(Reason reason, Part part, String detail, Exception cause) {
    super("cannot start " + part.describe() + ": " + detail, cause);
    this.reason = reason;
    this.command = part.planned().toString();
    this.stage = part.run().job() instanceof Command ? NO_STAGE : part.position();
  }

  /** What stood in the way. */
  public Reason reason() {
    return reason;
  }

  /** The command, escaped for reading as a shell would write it. */
  public String command() {
    return command;
  }

  /**
   * Where it stands in its pipeline, counted from 0; empty for a command by itself and where no
   * single stage was the reason. The other stages are ended.
   */
  public OptionalInt stage() {
    return stage == NO_STAGE ? OptionalInt.empty() : OptionalInt.of(stage);
  }

  /** The error number's name, such as {@code ENOENT}, where a system call said it. */
  public Optional<String> errnoName() {
    return getCause() instanceof SystemCallException call
        ? Optional.of(call.errnoName())
        : Optional.empty();
  }
}
