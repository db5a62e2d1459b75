/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How the children of a runtime are ended together: see {@link Closing}. An immutable value. */
public final class ClosingRules {
  private static final ClosingRules STANDARD = new ClosingRules(Duration.ofSeconds(10), Map.of());

  private final Duration patience;

  /** Whom each name needs. */
  private final Map<String, Set<String>> needs;

  private ClosingRules(Duration patience, Map<String, Set<String>> needs) {
    this.patience = patience;
    this.needs = needs;
  }

  /** All at once, and 10 seconds of patience. */
  public static ClosingRules standard() {
    return STANDARD;
  }

  /**
   * How long all of it may take; what is left then is killed. Each job has its own {@link
   * Termination} within that.
   *
   * @throws InvalidCommandException if it is negative
   */
  public ClosingRules patience(Duration time) {
    return new ClosingRules(Durations.checked(time, "the patience of a shutdown"), needs);
  }

  /** How long all of it may take. */
  public Duration patience() {
    return patience;
  }

  /**
   * A job needs others as long as it lives: they are told to end only when it is gone. Jobs are
   * meant by the names that they were given by {@link Command#named} or {@link Pipeline#named},
   * each of which may be one of none, one or several that run.
   *
   * @throws IllegalArgumentException if they would need each other in a circle
   */
  public ClosingRules dependency(String job, String... needed) {
    Map<String, Set<String>> more = new LinkedHashMap<>(needs);
    Set<String> all = new LinkedHashSet<>(more.getOrDefault(job, Set.of()));
    all.addAll(List.of(needed));
    more.put(job, all);
    ClosingRules changed = new ClosingRules(patience, more);
    if (changed.dependants(job).contains(job)) {
      throw new IllegalArgumentException(
          "jobs that need each other in a circle can be ended in no order: " + more);
    }
    return changed;
  }

  /** All that need this one, or need one that does. */
  Set<String> dependants(String name) {
    Set<String> found = new HashSet<>();
    Deque<String> unseen = new ArrayDeque<>(List.of(name));
    while (!unseen.isEmpty()) {
      String needed = unseen.remove();
      needs.forEach(
          (job, its) -> {
            if (its.contains(needed) && found.add(job)) {
              unseen.add(job);
            }
          });
    }
    return found;
  }

  @Override
  public String toString() {
    return "patience " + patience + (needs.isEmpty() ? "" : ", " + needs);
  }
}
