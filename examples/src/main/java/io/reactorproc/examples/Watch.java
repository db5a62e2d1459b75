/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.ExitPolicy;
import io.reactorproc.ProcessEvent;
import io.reactorproc.ProcessExitException;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.Records;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.signals.Signals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Shows the life of a child as it happens. Its own status is the child's, as in a shell. */
@picocli.CommandLine.Command(
    name = "watch",
    description = "Runs a command and shows its life: start, lines, waits, stops, exit.",
    sortOptions = false,
    footerHeading = "%nExit status:%n",
    footer = {
      "  the child's; 128 + n if signal n ended it, or us; 124 after a timeout;",
      "  126 or 127 if the command cannot be executed or is not there; 125 if something",
      "  else is in the way of its start; 2 for wrong usage."
    })
final class Watch implements Callable<Integer> {
  /** Longer lines are shown in pieces, so that no child can make us hold more. */
  private static final int PIECE_BYTES = 8 * 1024;

  private static final Duration TICK = Duration.ofMillis(100);
  private static final int PREFETCH = 256;

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-C", "--directory"},
      paramLabel = "DIR",
      description = "Run it there.")
  @Nullable Path directory;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME=VALUE",
      description = "Set a variable of its environment; may be repeated.")
  Map<String, String> environment = new LinkedHashMap<>();

  @Option(
      names = {"-t", "--timeout"},
      paramLabel = "TIME",
      description = "End it after this long, such as 500ms, 30s or 5m.")
  @Nullable Duration timeout;

  @Option(
      names = {"-i", "--stdin"},
      description = "Give it our stdin; else it has none.")
  boolean inheritStdin;

  @Option(
      names = {"-m", "--merge"},
      description = "Send its stderr into its stdout: 2>&1.")
  boolean merge;

  @Option(
      names = {"-s", "--slow"},
      paramLabel = "TIME",
      description = "Take this long for each line, and see how the child waits.")
  @Nullable Duration slow;

  @Option(
      names = {"-q", "--quiet"},
      description = "Count its lines, but do not show them.")
  boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this.")
  boolean help;

  @Parameters(
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "The program and its arguments; no shell is involved.")
  List<String> argv = List.of();

  @Override
  public Integer call() {
    // One thread, and of the elastic kind: others must not block, and writing to stdout may.
    Scheduler thread = Schedulers.newBoundedElastic(1, Integer.MAX_VALUE, "watch", 60, true);
    try {
      return new Show(Terminal.ofStdout(), thread).run();
    } finally {
      thread.dispose();
    }
  }

  private Command command() {
    Command command =
        Command.of(argv)
            .env(environment)
            .success(ExitPolicy.any()) // the status is our result, not our failure
            .records(
                Records.universalLines().maxLength(PIECE_BYTES).onOverflow(Records.Overflow.SPLIT));
    if (directory != null) {
      command = command.directory(directory);
    }
    if (timeout != null) {
      command = command.timeout(timeout);
    }
    if (merge) {
      command = command.mergeStderr();
    }
    if (inheritStdin) {
      command = command.stdin(Stdin.inherit());
      if (Terminal.isTerminal(0)) {
        // A process group of its own would be in the background: SIGTTIN at the first read.
        command = command.inheritProcessGroup();
      }
    }
    return command;
  }

  /** One run of the command. All but the signals happens on one thread of its own. */
  private final class Show {
    private final Narrator narrator = new Narrator();
    private final Progress progress = new Progress();
    private final Optional<Terminal> terminal;
    private final Scheduler thread;
    private final Screen screen;
    private final AtomicReference<@Nullable Signal> interruption = new AtomicReference<>();

    Show(Optional<Terminal> terminal, Scheduler thread) {
      this.terminal = terminal;
      this.thread = thread;
      this.screen = new Screen(Examples.out(spec), progress::status);
    }

    int run() {
      Mono<Void> story =
          paced(command().lineEvents().takeUntilOther(interruption())).doOnNext(this::show).then();
      return Mono.firstWithSignal(story, ticks(), widths())
          .then(Mono.fromSupplier(this::end))
          .onErrorResume(ProcessExitException.class, this::endedByUs)
          .doOnError(
              failure -> !(failure instanceof OutputGoneException), failure -> screen.close())
          .blockOptional()
          .orElseThrow();
    }

    /** The signals that shall end us end the child instead, by cancelling its events. */
    private Mono<SignalEvent> interruption() {
      return Signals.on(Signal.SIGINT, Signal.SIGTERM)
          .next()
          .doOnNext(event -> interruption.set(event.signal()));
    }

    /** Off the event loop, where writing to a slow terminal or pipe may block. */
    private Flux<ProcessEvent> paced(Flux<ProcessEvent> events) {
      Duration pause = slow;
      if (pause == null) {
        return events.publishOn(thread, PREFETCH);
      }
      return events
          .concatMap(
              event ->
                  event instanceof ProcessEvent.Line
                      ? Mono.just(event).delayElement(pause, thread)
                      : Mono.just(event),
              1)
          .publishOn(thread, 1);
    }

    private void show(ProcessEvent event) {
      progress.count(event);
      if (quiet && event instanceof ProcessEvent.Line) {
        screen.changed();
      } else {
        screen.line(narrator.tell(event));
      }
    }

    /** Never ends, but fails when nobody reads us any more, also while the child is silent. */
    private Mono<Void> ticks() {
      return Flux.interval(TICK, thread).onBackpressureDrop().doOnNext(t -> screen.tick()).then();
    }

    private Mono<Void> widths() {
      return Mono.justOrEmpty(terminal)
          .flatMapMany(Terminal::columns)
          .doOnNext(screen::columns)
          .then(Mono.never());
    }

    private int end() {
      Signal signal = interruption.get();
      if (signal != null) {
        screen.line(
            narrator.remark(
                signal.name()
                    + " after "
                    + Quantity.count(progress.lines(), "line")
                    + ": ending the child"));
      }
      screen.close();
      return signal != null
          ? 128 + signal.number()
          : progress.shellStatus().orElse(Failures.OWN_FAILURE);
    }

    private Mono<Integer> endedByUs(ProcessExitException failure) {
      if (failure.reason() != ProcessExitException.Reason.TIMEOUT) {
        return Mono.error(failure);
      }
      screen.line(narrator.remark("the time was over: the child was ended"));
      screen.close();
      return Mono.just(Failures.TIMED_OUT);
    }
  }
}
