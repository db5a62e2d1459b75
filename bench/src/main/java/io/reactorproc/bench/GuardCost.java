/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import io.reactorproc.Command;
import io.reactorproc.ExitStatus;
import io.reactorproc.cgroup.Cgroups;
import io.reactorproc.guard.Guard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import reactor.core.publisher.Flux;

/**
 * What a guard costs, and what a cgroup of one's own: children of {@code true} started and reaped
 * per second, 8 at a time, with and without. The variants take turns within each round, so that
 * what else the machine does hits all of them, and each round gives a ratio of its own.
 *
 * <p>Its arguments are the children of one run (2000 by default) and the number of rounds (15 by
 * default).
 */
final class GuardCost {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int AT_ONCE = 8;

  private GuardCost() {}

  public static void main(String[] arguments) {
    int children = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 15;
    Command command = Command.of("true");
    boolean cgroups = Cgroups.ofThisProcess().unavailability().isEmpty();
    rate(command, children);
    guarded(command, children);
    List<Double> plain = new ArrayList<>();
    List<Double> guarded = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    List<Double> inCgroups = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      // Whichever comes first has the better or the worse of what the round before left.
      boolean guardFirst = round % 2 == 1;
      double with = guardFirst ? guarded(command, children) : 0;
      double without = rate(command, children);
      with = guardFirst ? with : guarded(command, children);
      plain.add(without);
      guarded.add(with);
      ratios.add(with / without);
      if (cgroups) {
        inCgroups.add(rate(command.cgroup(Cgroups.ofThisProcess()), children / 4));
      }
    }
    print("no guard", plain, "children/s");
    print("guard", guarded, "children/s");
    print("guard / no guard, paired", ratios, "");
    if (cgroups) {
      print("each in a cgroup of its own", inCgroups, "children/s");
    }
  }

  private static double guarded(Command command, int children) {
    Guard guard = Objects.requireNonNull(Guard.start().block(LIMIT));
    try {
      return rate(command, children);
    } finally {
      guard.dispose();
      guard.ended().block(LIMIT);
    }
  }

  private static double rate(Command command, int children) {
    long start = System.nanoTime();
    Long good =
        Flux.range(0, children)
            .flatMap(i -> command.exit(), AT_ONCE)
            .filter(ExitStatus::isSuccess)
            .count()
            .block(LIMIT);
    if (good == null || good != children) {
      throw new IllegalStateException(good + " of " + children + " children ended well");
    }
    return children / ((System.nanoTime() - start) / 1e9);
  }

  private static void print(String name, List<Double> values, String unit) {
    Samples samples = new Samples(values);
    System.out.printf(
        Locale.ROOT,
        "%-30s %8.2f (%.2f to %.2f) %s%n",
        name,
        samples.median(),
        samples.min(),
        samples.max(),
        unit);
  }
}
