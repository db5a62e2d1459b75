/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.netty.buffer.ByteBuf;
import io.reactorproc.Command;
import io.reactorproc.Output;
import io.reactorproc.OutputTarget;
import io.reactorproc.Pty;
import io.reactorproc.RunningProcess;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.TerminalSize;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.SignalEvent;
import io.reactorproc.signals.Signals;
import io.reactorproc.signals.UnsupportedSignalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A program on a terminal of its own, which is shown on ours: what script(1) does. */
@picocli.CommandLine.Command(
    name = "terminal",
    description =
        "Runs a program on a terminal of its own, shows it on yours, and records it if you like.",
    sortOptions = false,
    footerHeading = "%nExit status:%n",
    footer = {
      "  the program's; 128 + n if signal n ended it, or us; 126 or 127 if it cannot be executed",
      "  or is not there; 125 if there is no terminal to show it on; 2 for wrong usage."
    })
final class OnTerminal implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-r", "--record"},
      paramLabel = "FILE",
      description = "Record what is shown, as asciicast v2; what is typed is not in it.")
  @Nullable Path file;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this.")
  boolean help;

  @Parameters(
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "The program and its arguments, such as vi, top or bash.")
  List<String> argv = List.of();

  @Override
  public Integer call() throws IOException {
    UserTerminal user;
    try {
      user = UserTerminal.open();
    } catch (SystemCallException none) {
      var err = Objects.requireNonNull(spec, "picocli sets it").commandLine().getErr();
      err.println("terminal: there is none to show the program on: " + none.getMessage());
      err.flush();
      return Failures.OWN_FAILURE;
    }
    try (user) {
      TerminalSize size = user.size();
      if (file == null) {
        return run(user, Command.of(argv).pty(Pty.of(size)), resized -> {});
      }
      try (Cast cast = Cast.create(file, size, argv, environment())) {
        Command recorded =
            Command.of(argv)
                .pty(Pty.of(size))
                .stdout(Output.tee(OutputTarget.consumer(cast::shown)));
        return run(user, recorded, cast::resized);
      }
    }
  }

  private static Map<String, String> environment() {
    Map<String, String> shown = new LinkedHashMap<>();
    for (String name : List.of("TERM", "SHELL")) {
      String value = System.getenv(name);
      if (value != null) {
        shown.put(name, value);
      }
    }
    return shown;
  }

  private static int run(UserTerminal user, Command command, Consumer<TerminalSize> resized) {
    Mono<Integer> program =
        Mono.usingWhen(
            command.start(),
            child -> new Session(user, child, resized).run(),
            child -> Mono.fromRunnable(child::dispose));
    return Mono.firstWithSignal(program, interruption()).blockOptional().orElseThrow();
  }

  /** The signals that would end us end the program instead, and the terminal is left as it was. */
  private static Mono<Integer> interruption() {
    return signals(Signal.SIGINT, Signal.SIGTERM, Signal.SIGHUP)
        .next()
        .map(event -> 128 + event.signal().number());
  }

  /** Where some cannot be listened to, as in a JVM with -Xrs, the others are. */
  private static Flux<SignalEvent> signals(Signal... wanted) {
    return Flux.merge(
        Flux.fromArray(wanted)
            .map(
                signal -> {
                  try {
                    return Signals.on(signal);
                  } catch (UnsupportedSignalException refused) {
                    return Flux.<SignalEvent>never();
                  }
                }),
        wanted.length);
  }

  /** The user and one live program. */
  private record Session(UserTerminal user, RunningProcess child, Consumer<TerminalSize> resized) {

    Mono<Integer> run() {
      Mono<Integer> shown =
          user.show(child.stdout())
              .then(child.exit())
              .map(status -> status.shellStatus().orElse(Failures.OWN_FAILURE));
      return Mono.firstWithSignal(shown, failed(), typed(), follow()).doOnSubscribe(start -> raw());
    }

    /** Ends only where we had to end the program, as the file of the recording takes no more. */
    private Mono<Integer> failed() {
      return child.exit().then(Mono.never());
    }

    /** Ends only where the user's terminal does, as its window was closed: SIGHUP, in effect. */
    private Mono<Integer> typed() {
      Flux<ByteBuf> keys = user.keys().onErrorComplete(SystemCallException.class);
      return child
          .stdin()
          .write(keys)
          .flatMap(
              outcome ->
                  outcome.readerGone() ? Mono.never() : Mono.just(128 + Signal.SIGHUP.number()));
    }

    /** Never ends. */
    private Mono<Integer> follow() {
      return Flux.merge(
              signals(Signal.SIGWINCH).concatMap(change -> resize()),
              resize(), // it may have been another one before anybody listened
              signals(Signal.SIGTSTP, Signal.SIGCONT)
                  .publishOn(Schedulers.boundedElastic())
                  .concatMap(event -> event.signal().equals(Signal.SIGTSTP) ? stop() : carryOn()))
          .then(Mono.never());
    }

    private Mono<Boolean> resize() {
      return Mono.fromSupplier(user::size)
          .filterWhen(size -> child.terminal().size().map(now -> !now.equals(size)))
          .publishOn(Schedulers.boundedElastic()) // a recording writes to its file
          .doOnNext(resized)
          .flatMap(size -> child.terminal().resize(size));
    }

    private Mono<Boolean> stop() {
      return Mono.fromCallable(
          () -> {
            user.stop();
            return true;
          });
    }

    /**
     * The shell has shown things meanwhile, and set the modes that it likes itself: whoever draws
     * draws anew at SIGWINCH.
     */
    private Mono<Boolean> carryOn() {
      return Mono.fromCallable(
              () -> {
                user.rawAgain();
                return true;
              })
          .then(resize())
          .then(child.signalGroup(Signal.SIGWINCH));
    }

    private void raw() {
      try {
        user.raw();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
