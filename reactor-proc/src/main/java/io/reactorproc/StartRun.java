/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import reactor.core.CoreSubscriber;
import reactor.core.publisher.Sinks;

/** Starts a command for {@link Command#start()}. */
final class StartRun extends HandleRun<RunningProcess> {
  private final Sinks.One<ExitStatus> exit = Sinks.one();
  private boolean exitSaid;

  StartRun(Plan plan, CoreSubscriber<? super RunningProcess> actual) {
    super(plan, actual);
  }

  @Override
  RunningProcess handle() {
    Part part = parts().get(0);
    return new RunningProcess(part.command(), part.child(), streams(part), exit);
  }

  @Override
  void progressed() {
    if (isLaunched() && allReaped() && !exitSaid) {
      exitSaid = true;
      Throwable error = verdict();
      if (error == null) {
        exit.tryEmitValue(parts().get(0).status());
      } else {
        exit.tryEmitError(error);
      }
    }
  }
}
