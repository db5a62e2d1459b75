/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.util.List;
import reactor.core.publisher.MonoSink;

/**
 * How members of a run are paused: the seam between the handles and the ways that a system has for
 * it. All on the loop, on which the outcome is told, too.
 */
interface Pausing {
  /** Stops the process groups by SIGSTOP. */
  Pausing BY_SIGNAL = new SignalPausing();

  /**
   * Begins to pause them.
   *
   * @param members all members of the run, or one of them
   * @param outcome true once those that are left do not run any more; false where all are gone, or
   *     go on because somebody told them to meanwhile
   */
  void pause(Run run, List<Member> members, MonoSink<Boolean> outcome);

  /**
   * Begins to let them go on.
   *
   * @param outcome true once those that are left may run; false where all are gone
   */
  void resume(Run run, List<Member> members, MonoSink<Boolean> outcome);
}
