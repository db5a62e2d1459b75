/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.Stdin;
import io.reactorproc.signals.Signal;
import io.reactorproc.signals.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What there is to know of the terminal on one of our descriptors. */
final class Terminal {
  static final int DEFAULT_COLUMNS = 80;

  private final Path descriptor;

  private Terminal(Path descriptor) {
    this.descriptor = descriptor;
  }

  /** The terminal that our stdout is, if it is one that knows escape codes. */
  static Optional<Terminal> ofStdout() {
    String type = System.getenv("TERM");
    return isTerminal(1) && type != null && !type.equals("dumb")
        ? Optional.of(new Terminal(link(1)))
        : Optional.empty();
  }

  /** Whether the descriptor of this number is a terminal, by the name that the kernel gives it. */
  static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(link(descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException closed) {
      return false;
    }
  }

  private static Path link(int descriptor) {
    return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", "" + descriptor);
  }

  /** Its width in columns, now and after each change. */
  Flux<Integer> columns() {
    return Flux.concat(Mono.just(Signal.SIGWINCH), Signals.on(Signal.SIGWINCH).map(e -> e.signal()))
        .concatMap(change -> askForColumns());
  }

  private Mono<Integer> askForColumns() {
    return Command.of("stty", "size")
        .stdin(Stdin.file(descriptor))
        .text()
        .map(size -> Integer.parseInt(size.strip().split(" ", 2)[1]))
        .filter(columns -> columns > 0)
        .onErrorResume(anything -> Mono.empty())
        .defaultIfEmpty(DEFAULT_COLUMNS);
  }
}
