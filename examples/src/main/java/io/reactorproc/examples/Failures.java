/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.ProcessExitException;
import io.reactorproc.ProcessStartException;
import io.reactorproc.shell.ScriptException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;
import reactor.core.Exceptions;

/** Exit statuses of our own for what went wrong, as a shell, env(1) and timeout(1) choose them. */
final class Failures implements IExecutionExceptionHandler {
  static final int TIMED_OUT = 124;
  static final int OWN_FAILURE = 125;
  static final int NOT_EXECUTABLE = 126;
  static final int NOT_FOUND = 127;
  static final int BROKEN_PIPE = 128 + 13;

  @Override
  public int handleExecutionException(
      Exception thrown, CommandLine commandLine, ParseResult parseResult) throws Exception {
    Throwable failure = rootOf(Exceptions.unwrap(thrown));
    if (failure instanceof OutputGoneException) {
      return BROKEN_PIPE; // as quietly as SIGPIPE would have ended us
    }
    int status = status(failure);
    if (status < 0) {
      throw thrown; // a bug of ours: with its stack trace
    }
    PrintWriter err = commandLine.getErr();
    err.println(commandLine.getCommandName() + ": " + failure.getMessage() + why(failure));
    err.flush();
    return status;
  }

  /** Where one child feeds another, the first that failed is the failure. */
  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root instanceof ProcessExitException exit
        && exit.reason() == ProcessExitException.Reason.INPUT
        && exit.getCause() != null) {
      root = exit.getCause();
    }
    return root;
  }

  /**
   * What is wrong where a child was ended because its output could not be kept: a full disk, say.
   */
  private static String why(Throwable failure) {
    return failure instanceof ProcessExitException exit
            && exit.reason() == ProcessExitException.Reason.OUTPUT
            && exit.getCause() != null
        ? ": " + exit.getCause().getMessage()
        : "";
  }

  /** The status, or -1 for a failure that is nobody's business but ours. */
  private static int status(Throwable failure) {
    if (failure instanceof ProcessStartException start) {
      return status(start);
    }
    if (failure instanceof ProcessExitException exit) {
      return exit.reason() == ProcessExitException.Reason.TIMEOUT
          ? TIMED_OUT
          : Math.max(1, exit.status().shellStatus().orElse(OWN_FAILURE));
    }
    if (failure instanceof ScriptException script) {
      return script.reason() == ScriptException.Reason.TIMEOUT
          ? TIMED_OUT
          : Math.max(1, script.status().orElse(OWN_FAILURE));
    }
    return -1;
  }

  private static int status(ProcessStartException failure) {
    return switch (failure.reason()) {
      case EXECUTABLE ->
          failure.errnoName().filter("ENOENT"::equals).isPresent() ? NOT_FOUND : NOT_EXECUTABLE;
      case INTERPRETER -> NOT_EXECUTABLE;
      default -> OWN_FAILURE;
    };
  }
}
