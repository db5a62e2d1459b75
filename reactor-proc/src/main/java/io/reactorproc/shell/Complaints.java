/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.reactorproc.Command;
import io.reactorproc.ProcessStartException;
import reactor.core.publisher.Mono;

/**
 * What a shell says on stderr where a command cannot be started, and the status that it has then.
 */
final class Complaints {
  private static final int CANNOT_OPEN = 2;
  private static final int CANNOT_EXECUTE = 126;
  private static final int NOT_FOUND = 127;

  private final Steps steps;

  Complaints(Steps steps) {
    this.steps = steps;
  }

  /** A file of a redirection cannot be opened; said where the command's stderr was before it. */
  Mono<Integer> of(CannotOpenException failure, String what, Streams base) {
    steps.notStarted(what, CANNOT_OPEN);
    return say(String.valueOf(failure.getMessage()), base).thenReturn(CANNOT_OPEN);
  }

  /** The child could not be started. What is not the script's doing stays an error. */
  Mono<Integer> of(ProcessStartException failure, CommandPlan plan) {
    String name = plan.program().argv().get(0);
    return switch (failure.reason()) {
      case EXECUTABLE -> {
        boolean there = failure.errnoName().filter(Complaints::meansThere).isPresent();
        yield ended(
            plan,
            plan.streams(),
            name + (there ? ": cannot be executed" : ": not found"),
            there ? CANNOT_EXECUTE : NOT_FOUND);
      }
      case INTERPRETER ->
          ended(plan, plan.streams(), name + ": its interpreter is not found", NOT_FOUND);
      case REDIRECT -> ended(plan, plan.base(), String.valueOf(failure.getMessage()), CANNOT_OPEN);
      case DIRECTORY, ARGUMENTS, LIMITS, CGROUP, TIMEOUT, TERMINAL, SHUTDOWN, SYSTEM ->
          Mono.error(failure);
    };
  }

  private static boolean meansThere(String errno) {
    return !errno.equals("ENOENT") && !errno.equals("ENOTDIR");
  }

  private Mono<Integer> ended(CommandPlan plan, Streams where, String message, int status) {
    steps.notStarted(plan.program(), status);
    return say(message, where).map(failed -> failed ? CANNOT_OPEN : status).defaultIfEmpty(status);
  }

  /**
   * Lets a child write the line: a write of ours could block, as the pipe is the commands' and they
   * may want it to block. Its stdout is the stderr of the command that was to be, and the other way
   * round, so that files of redirects are opened as that would have opened them.
   *
   * @return whether these could not be opened
   */
  private static Mono<Boolean> say(String message, Streams where) {
    Slot in = where.in() instanceof Slot.ToOpen ? where.in() : Slot.NOTHING;
    Streams swapped = new Streams(in, /* out= */ where.err(), /* err= */ where.out());
    return CommandPlan.connect(Command.of("printf", "%s\n", message), swapped)
        .exit()
        .map(status -> false)
        .onErrorResume(
            ProcessStartException.class,
            e -> Mono.just(e.reason() == ProcessStartException.Reason.REDIRECT));
  }
}
