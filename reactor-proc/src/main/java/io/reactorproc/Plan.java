/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.End;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a run starts: computed and checked before anything exists. A value, good for any number of
 * runs.
 *
 * @param job what it was made from, for messages
 * @param whole the settings that hold for all children together
 * @param members in the order in which they are started
 * @param judge what is success
 * @param order in which the members are ended
 */
record Plan(Job job, Settings whole, List<Planned> members, Judge judge, EndingOrder order) {

  /** A command by itself. */
  static Plan of(Command command, Wiring.Mode mode) {
    return of(command, mode, Set.of());
  }

  /** A command by itself, some of whose descriptors are lent by others. */
  static Plan of(Command command, Wiring.Mode mode, Set<Integer> lent) {
    Settings settings = command.settings();
    Map<Integer, End> given = new HashMap<>(4);
    lent.forEach(descriptor -> given.put(descriptor, Wiring.LENT));
    PlannedChild child = new PlannedChild(0, command, Wiring.of(settings, mode, given));
    return new Plan(
        command,
        settings,
        List.of(child),
        new CommandJudge(policy(settings, mode)),
        EndingOrder.ALL_AT_ONCE);
  }

  /** What is only looked at is checked where a policy was set; of a handle nothing is. */
  private static ExitPolicy policy(Settings settings, Wiring.Mode mode) {
    ExitPolicy set = settings.policy;
    return switch (mode) {
      case START -> ExitPolicy.any();
      case EXIT -> set == null ? ExitPolicy.any() : set;
      case OUTPUT, BYTES, EVENTS -> set == null ? ExitPolicy.zero() : set;
    };
  }
}
