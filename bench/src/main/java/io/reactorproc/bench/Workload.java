/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What every peer does. An immutable value; the methods answer changed copies.
 *
 * @param name how it is chosen
 * @param title what it is, for people
 * @param plan the arguments of a peer's program
 * @param placement on which processors
 * @param metrics what a round measures
 * @param targets what reactor-proc has to reach
 * @param peers who takes part
 * @param pace whether it is short enough for the quick run
 * @param needs what the machine must have
 */
record Workload(
    String name,
    String title,
    Map<String, String> plan,
    Placement placement,
    List<Metric> metrics,
    List<Target> targets,
    Set<PeerKind> peers,
    Pace pace,
    Set<Need> needs) {

  /** Where parent and children run. */
  enum Placement {
    /** All on one processor, by taskset: steady, since nobody is woken across processors. */
    PINNED,
    /** Wherever the kernel likes. */
    FREE
  }

  /** In which runs it is. */
  enum Pace {
    /** In all. */
    QUICK,
    /** In the full run only. */
    SLOW
  }

  /** What a machine may lack. */
  enum Need {
    /** The static children, which a C compiler makes. */
    STATIC_CHILDREN,
    /** Room for a touched heap in each peer at once. */
    MEMORY,
    /** Three descriptors for each of a crowd. */
    DESCRIPTORS
  }

  static Workload of(String name, String title, String kind, Metric... metrics) {
    return new Workload(
        name,
        title,
        Map.of("kind", kind),
        Placement.FREE,
        List.of(metrics),
        List.of(),
        Set.of(PeerKind.values()),
        Pace.SLOW,
        Set.of());
  }

  Workload with(String key, Object value) {
    Map<String, String> longer = new LinkedHashMap<>(plan);
    longer.put(key, value.toString());
    return new Workload(name, title, longer, placement, metrics, targets, peers, pace, needs);
  }

  /** By how much its rounds are more than those of a crowd, as they are shorter. */
  int turns() {
    if (plan.containsKey("nanos")) {
      return 3;
    }
    return "crowd".equals(plan.get("kind")) ? 1 : 2;
  }

  /** On one processor; the name tells. */
  Workload pinned() {
    return new Workload(
        name + "-pinned",
        title + ", pinned",
        plan,
        Placement.PINNED,
        metrics,
        targets,
        peers,
        pace,
        needs);
  }

  Workload quick() {
    return new Workload(name, title, plan, placement, metrics, targets, peers, Pace.QUICK, needs);
  }

  Workload only(PeerKind... some) {
    return new Workload(name, title, plan, placement, metrics, targets, Set.of(some), pace, needs);
  }

  Workload needs(Need... some) {
    return new Workload(name, title, plan, placement, metrics, targets, peers, pace, Set.of(some));
  }

  Workload targets(Target... some) {
    return new Workload(name, title, plan, placement, metrics, List.of(some), peers, pace, needs);
  }
}
