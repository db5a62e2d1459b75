/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import reactor.core.Disposable;

/**
 * The program of {@link SignalsInAnotherJvmTest}: does one step for each line of its input, and
 * says on its output what came of it.
 */
final class ObedientJvm {
  private ObedientJvm() {}

  public static void main(String[] args) throws IOException {
    Signal signal = Signal.parse(args[0]);
    BufferedReader steps =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Disposable subscription = () -> {};
    say(Disposition.of(signal).name());
    for (String step = steps.readLine(); step != null; step = steps.readLine()) {
      switch (step) {
        case "listen" -> {
          try {
            subscription = Signals.on(signal).subscribe(event -> say("got " + event.signal()));
            say(Disposition.of(signal).name());
          } catch (UnsupportedSignalException refused) {
            say(String.valueOf(refused.getMessage()));
          }
        }
        case "die" -> {
          Runtime.getRuntime().addShutdownHook(new Thread(() -> say("hook")));
          Signals.dieBy(signal);
        }
        case "spawn" -> new ProcessBuilder("true").start();
        case "cancel" -> {
          subscription.dispose();
          say(Disposition.of(signal).name());
        }
        default -> throw new IllegalArgumentException(step);
      }
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
  }
}
